"""Answers for one person: asked for so, moved out of a channel, and shared again."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPException
from threading import Event, current_thread, main_thread
from time import time
from typing import Any

import pytest

from bot.answers.delivery import Delivery
from bot.jobs.payloads import QuestionChange
from bot.questions.earlier import NOT_KEPT
from bot.slack.client import SlackClient
from bot.words import CATALOGUES
from domain.channels import ChannelSettings
from domain.documents import Source, SourceState
from domain.errors import GenerationError
from domain.jobs import JobState
from domain.questions import Audience, Question, Verdict
from records.answers import Answers
from records.channels import Channels
from records.database import Database
from records.questions import Questions
from tests.bot.conftest import Start
from tests.bot.running_bot import (
    LAPTOPS,
    RunningBot,
    Script,
    build,
    end_leases,
    is_idle,
)
from tests.payloads import click, mention, payload
from tests.slack_double import SlackDouble, SlackMessage

HOW = "How do I get a new laptop?"
WORDS = CATALOGUES["English"]
TEAM = ("everyone", "team:T1", "channel:T1:C1")


def settle(running: RunningBot) -> None:
    def is_so() -> bool:
        if running.open_jobs() and is_idle(running.bot.runner):
            running.resume_now()
        return not running.open_jobs() and is_idle(running.bot.runner)

    running.slack.wait_for(is_so)


def in_channel(running: RunningBot, channel: str = "C1") -> list[SlackMessage]:
    return [one for one in running.slack.public() if one.channel == channel]


def ask(running: RunningBot, text: str = HOW, n: int = 0, **event: Any) -> Question:
    running.send.event(mention(n, text, asked=time() - 60, **event))
    settle(running)
    (found, *_) = running.answers.recent(1)
    return found.question


def stored(running: RunningBot, question: Question) -> Question:
    found = running.questions.find(question.id)
    assert found
    return found


def press(
    running: RunningBot,
    action: str,
    question: Question,
    user: str = "U1",
    at: str = "1763900300.000100",
    message: SlackMessage | None = None,
) -> None:
    """Presses a button of the message that shows the answer now, or showed it before."""
    assert (
        running.send.interaction(pressed(running, action, question, user, at, message)).status
        == 200
    )


def pressed(
    running: RunningBot,
    action: str,
    question: Question,
    user: str = "U1",
    at: str = "1763900300.000100",
    message: SlackMessage | None = None,
) -> dict[str, Any]:
    shown = message or shown_at(running, question)
    body = payload("feedback_click")
    body["user"]["id"] = user
    body["channel"]["id"] = body["container"]["channel_id"] = shown.channel
    body["container"]["message_ts"] = shown.ts
    body["message"] = {"ts": shown.ts, "thread_ts": shown.thread}
    body["actions"] = [{"action_id": action, "value": question.id, "action_ts": at}]
    return body


def shown_at(running: RunningBot, question: Question) -> SlackMessage:
    reply = running.questions.reply_of(question.id)
    (found,) = [
        one for one in running.slack.public() if reply == f"slack:T1:{one.channel}:{one.ts}"
    ]
    return found


def labels(message: SlackMessage) -> list[str]:
    """The texts of its buttons, without thumbs."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row]


def grant(running: RunningBot, *audience: str) -> None:
    """Gives the source of the scripted passage to these."""
    now, indexed = datetime.now(UTC), SourceState.INDEXED
    running.sources.save(Source(LAPTOPS.source, Audience.of(*audience), indexed, "U1", now))


# Asked for oneself


def test_question_for_oneself_is_answered_where_nobody_else_reads(running: RunningBot) -> None:
    asked = ask(running, f"Just for me: {HOW}")

    assert in_channel(running) == []
    root, answer = in_channel(running, "D1")
    assert WORDS.asked_privately in root.words
    assert HOW in root.words
    assert root.blocks[0]["elements"][0]["elements"][1]["type"] == "link"
    assert answer.thread == root.ts
    assert "service desk" in answer.words
    assert labels(answer) == [WORDS.share_here]
    assert WORDS.private_now in running.slack.whispers("U1")
    assert [one["channel_id"] for name, one in running.slack.calls if "setStatus" in name] == ["D1"]

    assert asked.text == HOW
    assert asked.is_private
    assert (asked.asked_in, asked.thread) == (asked.id, f"slack:T1:D1:{root.ts}")
    assert asked.audience == Audience.of(*TEAM, "person:T1:U1")
    assert not asked.audience.is_everyone


def test_what_was_answered_to_one_person_is_no_history_of_the_thread(running: RunningBot) -> None:
    private = ask(running, f"{HOW} Privately, please.")
    root = private.id.split(":")[-1]
    ask(running, "And when does it arrive?", 5, thread_ts=root)
    history = running.script.asked[-1].history
    assert not any("service desk" in turn.content for turn in history)
    assert len(in_channel(running)) == 1


def test_private_answer_goes_on_in_its_thread(running: RunningBot) -> None:
    ask(running, f"Just for me: {HOW}")
    root, _ = in_channel(running, "D1")
    said = payload("message_im", channel="D1", user="U1", text="When do they arrive?")
    said["event"] |= {"ts": f"{float(root.ts) + 9:.6f}", "thread_ts": root.ts}
    running.send.event(said)
    settle(running)
    assert running.script.asked[-1].history[0].content == HOW
    assert len(in_channel(running, "D1")) == 3


@pytest.mark.slow
def test_private_answer_is_known_in_its_thread_after_a_refusal_there(running: RunningBot) -> None:
    ask(running, f"Just for me: {HOW}")
    root, _ = in_channel(running, "D1")
    for n, is_answered in enumerate((False, True)):
        running.script.sufficient = is_answered
        said = payload("message_im", channel="D1", user="U1", text=f"And the {n + 2}nd one?")
        ts = f"{float(root.ts) + 9 + n:.6f}"
        said["event"] |= {"ts": ts, "event_ts": ts, "thread_ts": root.ts}
        running.send.event(said | {"event_id": ts})
        settle(running)
    first, told, refused = running.script.asked[-1].history
    assert (first.content, refused.content) == (HOW, "U1: And the 2nd one?")
    assert "service desk" in told.content


def test_private_failure_is_told_to_that_person_alone(running: RunningBot) -> None:
    running.script.error = GenerationError("The model failed.")
    running.send.event(mention(text=f"Just for me: {HOW}", asked=time() - 60))
    settle(running)
    assert in_channel(running) == []
    assert "could not answer" in in_channel(running, "D1")[1].words


def test_person_who_cannot_be_written_to_is_told_where_they_asked(running: RunningBot) -> None:
    running.slack.outside.add("D1")
    running.send.event(mention(text=f"Just for me: {HOW}", asked=time() - 60))
    settle(running)
    assert running.slack.public() == []
    assert running.slack.whispers("U1")[0].startswith("I could not do that")
    assert running.script.prompts == []


def test_deleted_question_takes_its_private_answer_along(running: RunningBot) -> None:
    asked = ask(running, f"Just for me: {HOW}")
    ts = asked.id.split(":")[-1]
    body = payload("message_deleted", channel="C1", deleted_ts=ts)
    body["event"]["previous_message"] = {"type": "message", "user": "U1", "text": HOW, "ts": ts}
    running.send.event(body)
    settle(running)
    assert running.slack.public() == []
    assert running.questions.find(asked.id) is None


def test_edited_question_is_answered_anew_in_private(running: RunningBot) -> None:
    asked = ask(running, f"Just for me: {HOW}")
    running.script.words = ["Laptops", "arrive", "within", "five", "days."]
    ts, now = asked.id.split(":")[-1], f"{time():.6f}"
    new = f"just for me: {HOW} When?"
    body = payload("message_changed", channel="C1", event_ts=now)
    body["event"]["previous_message"] = {"type": "message", "user": "U1", "text": HOW, "ts": ts}
    body["event"]["message"] = {
        "type": "message",
        "user": "U1",
        "text": new,
        "ts": ts,
        "edited": {"ts": now},
    }
    running.send.event(body)
    settle(running)
    assert stored(running, asked).text == f"{HOW} When?"
    assert in_channel(running) == []
    assert "within five days" in in_channel(running, "D1")[1].words


# Only for me


def test_answer_is_taken_out_of_the_channel_for_its_person(running: RunningBot) -> None:
    asked = ask(running)
    answer = running.answers.recent(1)[0].answer
    assert labels(shown_at(running, asked)) == [WORDS.only_for_me]
    running.send.interaction(click(answer.id, "up", "U2"))
    press(running, "only_for_me", asked)
    settle(running)

    assert in_channel(running) == []
    root, moved = in_channel(running, "D1")
    assert moved.thread == root.ts
    assert "service desk" in moved.words
    assert labels(moved) == [WORDS.share_here]
    assert WORDS.private_now in running.slack.whispers("U1")
    now = stored(running, asked)
    assert (now.asked_in, now.thread) == (asked.thread, f"slack:T1:D1:{root.ts}")
    assert not now.audience.public
    (kept,) = running.answers.recent()
    assert kept.answer == answer
    assert [one.by for one in kept.ratings] == ["U2"]


def test_only_whoever_asked_takes_it_away(running: RunningBot) -> None:
    asked = ask(running)
    press(running, "only_for_me", asked, "U2")
    running.slack.wait_for(lambda: running.slack.whispers("U2"))
    assert running.slack.whispers("U2") == [WORDS.only_asker]
    settle(running)
    assert len(in_channel(running)) == 1


def test_pressing_twice_moves_once(running: RunningBot) -> None:
    asked = ask(running)
    before = shown_at(running, asked)
    running.script.go_on.clear()
    for n in range(3):
        press(running, "only_for_me", asked, at=f"176390030{n}.000100", message=before)
    settle(running)
    press(running, "only_for_me", asked, at="1763900309.000100", message=before)
    settle(running)
    assert in_channel(running) == []
    assert len(in_channel(running, "D1")) == 2


def test_private_answer_is_rated_where_it_stands(running: RunningBot) -> None:
    asked = ask(running)
    press(running, "only_for_me", asked)
    settle(running)
    answer = running.answers.recent(1)[0].answer
    moved = shown_at(running, asked)
    running.send.interaction(click(answer.id, "down", channel="D1"))
    item = {"type": "message", "channel": "D1", "ts": moved.ts}
    running.send.event(payload("reaction_added", reaction="-1", item=item, user="U1"))
    running.slack.wait_for(lambda: running.ratings.of(answer.id))
    (rating,) = running.ratings.of(answer.id)
    assert (rating.by, rating.verdict) == ("U1", Verdict.DOWN)
    running.send.interaction(click(answer.id, "up", channel="C1"))
    assert running.ratings.of(answer.id)[0].verdict is Verdict.DOWN


def test_refusal_is_tried_again_in_private(running: RunningBot) -> None:
    running.script.sufficient = False
    asked = ask(running)
    press(running, "only_for_me", asked)
    settle(running)
    assert labels(shown_at(running, asked)) == [WORDS.try_again, WORDS.share_here]
    running.script.sufficient = True
    press(running, "answer_again", asked, at="1763900400.000100")
    settle(running)
    assert in_channel(running) == []
    assert "service desk" in shown_at(running, asked).words


def test_message_that_appeared_late_is_taken_away_too(running: RunningBot) -> None:
    asked = ask(running)
    shown = shown_at(running, asked)
    late = replace(shown, ts=f"{float(shown.ts) + 0.5:.6f}")
    running.slack.messages.append(late)
    press(running, "only_for_me", asked, message=shown)
    settle(running)
    assert in_channel(running) == []
    assert len(in_channel(running, "D1")) == 2


def test_answer_that_slack_does_not_delete_is_not_readable_any_more(running: RunningBot) -> None:
    asked = ask(running)
    running.slack.refusals["chat.delete"] = "cant_delete_message"
    press(running, "only_for_me", asked)
    settle(running)
    (left,) = in_channel(running)
    assert left.words == WORDS.taken_away
    assert "service desk" in shown_at(running, asked).words


def test_old_message_goes_though_the_question_was_deleted_meanwhile(running: RunningBot) -> None:
    asked = ask(running)
    running.slack.busy["chat.postMessage"] = 50
    running.slack.retry_after = "70"
    press(running, "only_for_me", asked)
    running.slack.wait_for(lambda: any(job.reason for job in running.open_jobs()))
    running.slack.busy.clear()
    running.questions.drop(asked.id)
    settle(running)
    assert running.slack.public() == []


# Share where I asked


def test_private_answer_is_shared_where_it_was_asked(running: RunningBot) -> None:
    grant(running, "team:T1")
    asked = ask(running, f"Just for me: {HOW}")
    press(running, "share_here", asked)
    settle(running)

    (message,) = in_channel(running)
    assert message.thread == asked.id.split(":")[-1]
    assert "service desk" in message.words
    assert labels(message) == [WORDS.only_for_me]
    _, note = in_channel(running, "D1")
    assert note.words == WORDS.shared_now
    now = stored(running, asked)
    assert (now.asked_in, now.thread) == ("", asked.id)
    assert now.audience == Audience.of(*TEAM, public=True)
    assert shown_at(running, asked) is message

    press(running, "share_here", asked, at="1763900301.000100", message=note)
    settle(running)
    assert len(in_channel(running)) == 1


@pytest.mark.slow
def test_what_followed_a_private_answer_keeps_no_words_of_it_once_that_is_shared(
    running: RunningBot,
) -> None:
    grant(running, "team:T1")
    asked = ask(running, f"Just for me: {HOW}")
    _, answer = in_channel(running, "D1")
    at = f"{float(answer.ts) + 1:.6f}"
    running.send.event(payload("message_im", text="And how long?", ts=at, thread_ts=answer.thread))
    settle(running)
    (followed, *_) = running.answers.recent(1)
    assert followed.question.history[0].content == asked.text
    press(running, "share_here", asked)
    settle(running)
    assert stored(running, followed.question).history == NOT_KEPT
    assert stored(running, asked).history == ()


@pytest.mark.slow
def test_answer_moves_there_and_back(running: RunningBot) -> None:
    grant(running, "team:T1")
    asked = ask(running)
    for n, action in enumerate(("only_for_me", "share_here") * 2):
        press(running, action, asked, at=f"176390040{n}.000100")
        settle(running)
    assert len(in_channel(running)) == 1
    assert len(running.answers.recent()) == 1
    assert running.answers.recent()[0].question.thread == asked.thread


@pytest.mark.parametrize("audience", ["person:T1:U1", "channel:T1:C2"])
def test_what_not_everybody_there_may_read_is_not_shared(
    running: RunningBot, audience: str
) -> None:
    grant(running, audience)
    asked = ask(running, f"Just for me: {HOW}")
    press(running, "share_here", asked)
    settle(running)
    assert in_channel(running) == []
    assert WORDS.not_shared in running.slack.whispers("U1")
    assert stored(running, asked).is_private
    assert labels(shown_at(running, asked)) == [WORDS.share_here]


def test_channel_that_is_shared_with_others_meanwhile_gets_nothing(running: RunningBot) -> None:
    grant(running, "team:T1")
    asked = ask(running, f"Just for me: {HOW}")
    running.slack.channels["C1"]["is_ext_shared"] = True
    press(running, "share_here", asked)
    settle(running)
    assert in_channel(running) == []
    assert WORDS.not_shared in running.slack.whispers("U1")


@pytest.mark.slow
@pytest.mark.parametrize("error", ["is_archived", "restricted_action_thread_locked"])
def test_answer_that_cannot_be_shared_any_more_is_said_so_where_it_stands(
    running: RunningBot, error: str
) -> None:
    grant(running, "team:T1")
    asked = ask(running, f"Just for me: {HOW}")
    place = "C1" if error == "is_archived" else asked.id.split(":")[-1]
    running.slack.closed[place] = error
    press(running, "share_here", asked)
    settle(running)
    said = running.slack.messages[-1]
    assert (said.channel, said.only_for) == ("D1", "U1")
    assert said.thread == in_channel(running, "D1")[0].ts
    assert said.words.startswith(WORDS.not_moved.format(why=""))
    assert labels(shown_at(running, asked)) == [WORDS.share_here]


def test_buttons_and_notes_are_in_the_channels_language(running: RunningBot) -> None:
    Channels(running.database).choose("T1", "C1", ChannelSettings(language="German"))
    grant(running, "person:T1:U1")
    words = CATALOGUES["German"]
    asked = ask(running)
    assert labels(shown_at(running, asked)) == [words.only_for_me]
    press(running, "only_for_me", asked)
    settle(running)
    assert words.asked_privately in in_channel(running, "D1")[0].words
    press(running, "share_here", asked, at="1763900301.000100")
    settle(running)
    assert words.not_shared in running.slack.whispers("U1")


# What ends between two steps


def ends_at(
    owner: type, method: str, monkeypatch: pytest.MonkeyPatch, *, is_done: bool
) -> Callable[[], bool]:
    """Stops the thread for good that calls the method; returns whether that has happened."""
    real, reached = getattr(owner, method), Event()

    def call(*given: object, **named: object) -> object:
        if reached.is_set():
            return real(*given, **named)
        if is_done:
            real(*given, **named)
        reached.set()
        if current_thread() is main_thread():
            raise SystemExit
        Event().wait()
        return None

    monkeypatch.setattr(owner, method, call)
    return reached.is_set


STEPS = [
    (SlackClient, "posted"),
    (Delivery, "place"),
    (SlackClient, "post"),
    (Questions, "move"),
    (Delivery, "remove"),
    (SlackClient, "delete"),
    (SlackClient, "update"),
]


def of_steps(*names: str) -> list[Any]:
    return [
        pytest.param(owner, method, is_done, id=f"{'after' if is_done else 'before'} {method}")
        for owner, method in STEPS
        if method in names
        for is_done in (False, True)
    ]


def both(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[type, str, bool],
    action: str,
    text: str,
) -> RunningBot:
    """Ends a process at a step of a move, and lets another one go on."""
    first = build(slack, Script(), database)
    grant(first, "team:T1")
    first.receive(mention(text=text, asked=time() - 60))
    settle(first)
    asked = first.answers.recent(1)[0].question
    body = pressed(first, action, asked)
    owner, method, is_done = step
    is_reached = ends_at(owner, method, monkeypatch, is_done=is_done)
    with contextlib.suppress(SystemExit):
        first.receive(body)
    slack.wait_for(is_reached)
    end_leases(database)
    second = build(slack, Script(), database)
    second.receive(body)
    settle(second)
    change = QuestionChange.HIDDEN if action == "only_for_me" else QuestionChange.SHARED
    (job,) = [one for one in second.jobs.in_states(JobState) if one.request.startswith(change)]
    assert job.state is JobState.DONE
    for each in (first, second):
        each.bot.close(0)
    return second


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "method", "is_done"), of_steps("posted", "place", "post", "move", "remove", "delete")
)
def test_answer_is_neither_lost_nor_doubled_on_its_way_out_of_the_channel(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    is_done: bool,
) -> None:
    running = both(slack, database, monkeypatch, (owner, method, is_done), "only_for_me", HOW)
    assert in_channel(running) == []
    root, answer = in_channel(running, "D1")
    assert "service desk" in answer.words
    (kept,) = running.answers.recent()
    assert running.questions.reply_of(kept.question.id) == f"slack:T1:D1:{answer.ts}"
    assert kept.question.thread == f"slack:T1:D1:{root.ts}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("owner", "method", "is_done"), of_steps("place", "post", "move", "update")
)
def test_answer_is_neither_lost_nor_doubled_on_its_way_back(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    is_done: bool,
) -> None:
    step = owner, method, is_done
    running = both(slack, database, monkeypatch, step, "share_here", f"Just for me: {HOW}")
    (answer,) = in_channel(running)
    assert "service desk" in answer.words
    assert in_channel(running, "D1")[1].words == WORDS.shared_now
    (kept,) = running.answers.recent()
    assert running.questions.reply_of(kept.question.id) == f"slack:T1:C1:{answer.ts}"


@pytest.mark.slow
@pytest.mark.parametrize(("owner", "method", "is_done"), of_steps("posted", "move"))
def test_question_for_oneself_survives_the_end_of_its_process(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    is_done: bool,
) -> None:
    is_reached = ends_at(owner, method, monkeypatch, is_done=is_done)
    first = build(slack, Script(), database)
    event = mention(text=f"Just for me: {HOW}", asked=time() - 60)
    with contextlib.suppress(SystemExit):
        first.receive(event)
    slack.wait_for(is_reached)
    end_leases(database)
    second = build(slack, Script(), database)
    second.receive(event)
    settle(second)
    assert in_channel(second) == []
    assert len(in_channel(second, "D1")) == 2
    for each in (first, second):
        each.bot.close(0)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.delete", "chat.update"])
def test_lost_responses_double_nothing(running: RunningBot, method: str) -> None:
    grant(running, "team:T1")
    asked = ask(running)
    running.slack.lost[method] = 1
    press(running, "only_for_me", asked)
    settle(running)
    assert in_channel(running) == []
    assert len(in_channel(running, "D1")) == 2
    running.slack.lost[method] = 1
    press(running, "share_here", asked, at="1763900301.000100")
    settle(running)
    assert len(in_channel(running)) == 1
    assert len(in_channel(running, "D1")) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "nth"), [("chat.postMessage", 1), ("chat.postMessage", 2), ("chat.delete", 1)]
)
@pytest.mark.parametrize("is_done", [False, True], ids=["before it", "after it"])
def test_answer_of_a_process_that_was_killed_is_moved_by_the_next(
    slack: SlackDouble, database: Database, start: Start, method: str, nth: int, is_done: bool
) -> None:
    first, sender = start(0.01)
    sender.event(mention(text=HOW, asked=time() - 60))
    questions, records = Questions(database), Answers(database)
    slack.wait_for(lambda: records.recent(1) and not questions.unfinished())
    (shown,) = slack.public()
    asked = records.recent(1)[0].question
    calls = 0

    def fate(called: str, given: dict[str, Any]) -> str:
        nonlocal calls
        calls += called == method
        if called != method or calls != nth:
            return ""
        if is_done:
            getattr(slack, f"on_{method.replace('.', '_').lower()}")(given)
        first.kill()
        return "gone"

    slack.fate = fate
    body = payload("feedback_click")
    body["container"]["message_ts"] = shown.ts
    body["message"] = {"ts": shown.ts, "thread_ts": shown.thread}
    body["actions"] = [{"action_id": "only_for_me", "value": asked.id, "action_ts": "1.000100"}]
    with contextlib.suppress(OSError, HTTPException):
        sender.interaction(body)
    first.wait(60)
    slack.fate = lambda method, given: ""
    start(0.01)
    slack.wait_for(lambda: not questions.unfinished() and len(slack.public()) == 2, 40)
    root, answer = slack.public()
    assert (root.channel, answer.channel, answer.thread) == ("D1", "D1", root.ts)
    assert "service desk" in answer.words
    assert questions.reply_of(asked.id) == f"slack:T1:D1:{answer.ts}"
