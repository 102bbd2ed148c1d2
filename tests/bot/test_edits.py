"""A question that is edited gets a new answer in the same message; a deleted one loses it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import time
from typing import Any

import pytest

from bot.answers import reply
from bot.questions.edits import EDITABLE, changed
from bot.slack.client import SlackClient
from bot.words import ENGLISH
from domain.errors import GenerationError
from domain.jobs import JobState
from domain.questions import AnswerKind
from domain.ratings import Correction
from records.database import Database
from records.jobs import Jobs
from records.questions import Questions
from tests.bot.running_bot import RunningBot, Script, build, end_leases, is_idle
from tests.bot.test_crash_points import NO_STREAM, Point, ends_at
from tests.payloads import click, mention, payload
from tests.slack_double import SlackDouble

WHOLE = "[1] New laptops arrive within five days. [1]"
NEW = "Who orders laptops?"


@pytest.fixture(autouse=True)
def every_word_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)


def asked() -> dict[str, Any]:
    return mention(asked=time() - 60)


def edited(
    body: dict[str, Any], text: str = NEW, after: float = 60, user: str = "U1"
) -> dict[str, Any]:
    """The event that the message of ``body`` was edited so many seconds after it was written."""
    event = body["event"]
    ts, at = event["ts"], f"{float(event['ts']) + after:.6f}"
    before = {"type": "message", "user": user, "text": event["text"], "ts": ts}
    now = before | {"text": f"<@UBOT> {text}", "edited": {"user": user, "ts": at}}
    return payload(
        "message_changed",
        message=now,
        previous_message=before,
        channel=event["channel"],
        ts=at,
        event_ts=at,
    )


def deleted(body: dict[str, Any]) -> dict[str, Any]:
    event = body["event"]
    before = {"type": "message", "user": "U1", "text": event["text"], "ts": event["ts"]}
    return payload("message_deleted", previous_message=before, deleted_ts=event["ts"])


def tombstone(body: dict[str, Any]) -> dict[str, Any]:
    """The event that the first message of a thread with replies was deleted."""
    event = body["event"]
    now = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": event["ts"]}
    before = {"type": "message", "user": "U1", "text": event["text"], "ts": event["ts"]}
    return payload("message_changed", message=now, previous_message=before)


def settle(running: RunningBot) -> None:
    """Does all jobs, without their pauses."""

    def is_so() -> bool:
        if running.open_jobs() and is_idle(running.bot.runner):
            running.resume_now()
        return not running.open_jobs() and is_idle(running.bot.runner)

    running.slack.wait_for(is_so)


def check_renewed(running: RunningBot) -> None:
    [message] = running.slack.public()
    assert not message.streaming
    assert WHOLE in message.words
    assert message.blocks[-1]["type"] == "context_actions"
    [rated] = running.answers.recent()
    assert rated.question.text == NEW
    assert running.questions.answer_at(f"slack:T1:C1:{message.ts}") == rated.answer
    assert {job.state for job in running.jobs.in_states(JobState)} == {JobState.DONE}


def check_gone(running: RunningBot) -> None:
    assert running.slack.public() == []
    assert running.answers.recent() == []
    assert running.questions.unfinished() == []
    assert {job.state for job in running.jobs.in_states(JobState)} == {JobState.DONE}


@pytest.mark.slow
@pytest.mark.parametrize("refusals", [{}, NO_STREAM], ids=["streamed", "posted"])
def test_edit_while_the_answer_is_written_renews_it_in_the_same_message(
    running: RunningBot, refusals: dict[str, str]
) -> None:
    running.slack.refusals |= refusals
    running.script.pause = 0.15
    running.script.go_on.clear()
    body = asked()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    ts = running.slack.public()[0].ts
    running.send.event(edited(body))
    running.script.go_on.set()
    settle(running)

    check_renewed(running)
    assert running.slack.public()[0].ts == ts
    assert running.script.asked[-1].text == NEW


def test_edit_after_the_answer_renews_it_and_its_ratings_do_not_count(running: RunningBot) -> None:
    body = asked()
    running.send.event(body)
    answer = running.answered()
    running.send.interaction(click(answer.id, "up"))
    ts = running.slack.public()[0].ts
    running.script.words = "New laptops arrive within five days. [1]".split(" ")
    running.send.event(edited(body))
    settle(running)

    [message] = running.slack.public()
    assert message.ts == ts
    assert "service desk. [1]" not in message.text
    [rated] = running.answers.recent()
    assert (rated.question.text, rated.ratings) == (NEW, ())
    running.send.interaction(click(rated.answer.id, "down"))
    assert len(running.ratings.of(rated.answer.id)) == 1


def test_last_of_several_edits_counts_also_if_they_come_twice(running: RunningBot) -> None:
    running.script.go_on.clear()
    body = asked()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    for text, after in (("Where are laptops?", 20), ("When?", 30), (NEW, 40)):
        for _ in range(2):
            running.send.event(edited(body, text, after))
    running.script.go_on.set()
    settle(running)

    check_renewed(running)
    assert len(running.jobs.in_states(JobState)) == 4


def test_question_that_waits_for_slack_is_answered_as_it_was_edited(running: RunningBot) -> None:
    running.slack.refusals |= {"chat.startStream": "ratelimited", "chat.postMessage": "ratelimited"}
    body = asked()
    running.send.event(body)
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.send.event(edited(body))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    running.slack.refusals.clear()
    settle(running)

    check_renewed(running)


def by_somebody_else(body: dict[str, Any]) -> dict[str, Any]:
    return edited(body, user="U2")


def too_late(body: dict[str, Any]) -> dict[str, Any]:
    return edited(body, after=EDITABLE.total_seconds() + 1)


def without_a_word(body: dict[str, Any]) -> dict[str, Any]:
    return edited(body, "")


def only_a_preview(body: dict[str, Any]) -> dict[str, Any]:
    event = edited(body)
    event["event"]["message"]["text"] = event["event"]["previous_message"]["text"]
    return event


def of_a_bot(body: dict[str, Any]) -> dict[str, Any]:
    event = edited(body)
    event["event"]["message"]["bot_id"] = "B2"
    return event


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [by_somebody_else, too_late, without_a_word, only_a_preview, of_a_bot]
)
def test_other_changes_leave_the_answer(
    running: RunningBot, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    body = asked()
    running.send.event(body)
    answer = running.answered()
    running.send.event(change(body))
    settle(running)

    assert running.answers.recent()[0].answer == answer
    assert len(running.jobs.in_states(JobState)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("text", ["thanks!", "hello there", ":wave:", "\u200b\u2060", "???"])
@pytest.mark.parametrize("before", ["How do I get a new laptop?", "hi"])
def test_edit_that_asks_nothing_changes_nothing(
    running: RunningBot, before: str, text: str
) -> None:
    body = mention(text=before, asked=time() - 60)
    running.send.event(body)
    settle(running)
    [shown], searched = running.slack.public(), len(running.script.asked)
    running.send.event(edited(body, text))
    settle(running)

    assert [one.words for one in running.slack.public()] == [shown.words]
    assert len(running.script.asked) == searched
    assert len(running.jobs.in_states(JobState)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("is_writing", [False, True])
@pytest.mark.parametrize("refusals", [{}, NO_STREAM], ids=["streamed", "posted"])
@pytest.mark.parametrize("text", ["How do I get a new laptop?", NEW])
def test_edit_that_wishes_the_answer_for_oneself_takes_it_out_of_the_channel(
    running: RunningBot, text: str, refusals: dict[str, str], is_writing: bool
) -> None:
    running.slack.refusals |= refusals
    running.script.pause = 0.15
    body = mention(text="How do I get a new laptop?", asked=time() - 60)
    if is_writing:
        running.script.go_on.clear()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    if not is_writing:
        settle(running)
    running.send.event(edited(body, f"Just for me: {text}"))
    running.script.go_on.set()
    settle(running)

    root, answer = running.slack.public()
    assert (root.channel, answer.channel, answer.thread) == ("D1", "D1", root.ts)
    assert WHOLE in answer.words
    assert ENGLISH.private_now in running.slack.whispers("U1")
    [rated] = running.answers.recent()
    assert (rated.question.text, rated.question.is_private) == (text, True)
    assert {asked.text for asked in running.script.asked} == {"How do I get a new laptop?", text}
    assert running.questions.reply_of(rated.question.id) == f"slack:T1:D1:{answer.ts}"


@pytest.mark.slow
def test_answer_that_slack_does_not_delete_says_that_its_person_has_it(
    running: RunningBot,
) -> None:
    body = asked()
    running.send.event(body)
    settle(running)
    running.slack.refusals["chat.delete"] = "cant_delete_message"
    running.send.event(edited(body, f"{NEW} Privately, please."))
    settle(running)

    left, _, answer = running.slack.public()
    assert left.words == ENGLISH.taken_away
    assert WHOLE in answer.words


@pytest.mark.slow
def test_follow_up_that_is_edited_into_a_wish_for_the_bot_is_answered_in_private(
    running: RunningBot,
) -> None:
    first = asked()
    running.send.event(first)
    settle(running)
    ts = f"{time() + 1_000:.6f}"
    said = payload(
        "message_in_thread",
        text="And how long does it take?",
        ts=ts,
        event_ts=ts,
        thread_ts=first["event"]["ts"],
    )
    running.send.event(said | {"event_id": "EvFollowUp"})
    settle(running)
    assert len(running.slack.public()) == 2
    running.send.event(edited(said, "Just for me: when does it arrive?"))
    settle(running)

    assert [one.channel for one in running.slack.public()] == ["C1", "D1", "D1"]


def test_question_that_was_stopped_is_not_answered_because_it_is_edited(
    running: RunningBot,
) -> None:
    running.script.go_on.clear()
    body = asked()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    running.send.event(running.slack.press_stop("C1", body["event"]["ts"]))
    running.script.go_on.set()
    running.send.event(edited(body))
    settle(running)

    assert running.answers.recent() == []
    assert len(running.slack.public()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("delete", [deleted, tombstone])
@pytest.mark.parametrize("refusals", [{}, NO_STREAM], ids=["streamed", "posted"])
def test_question_that_is_deleted_while_it_is_answered_has_no_answer(
    running: RunningBot,
    refusals: dict[str, str],
    delete: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    running.slack.refusals |= refusals
    running.script.pause = 0.15
    body = asked()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    running.send.event(delete(body))
    settle(running)
    running.send.event(body, x_slack_retry_num="2")
    settle(running)

    check_gone(running)


@pytest.mark.slow
@pytest.mark.parametrize("delete", [deleted, tombstone])
def test_answer_to_a_question_that_is_deleted_later_is_deleted_too(
    running: RunningBot, delete: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    body, other = asked(), mention(7, asked=time() - 60)
    running.send.event(body)
    running.send.event(other)
    running.answered()
    for _ in range(2):
        running.send.event(delete(body))
    settle(running)

    [message] = running.slack.public()
    assert message.thread == other["event"]["ts"]
    [rated] = running.answers.recent()
    assert rated.question.id.endswith(other["event"]["ts"])


def test_deleted_question_that_waits_for_slack_is_never_answered(running: RunningBot) -> None:
    running.slack.refusals |= {"chat.startStream": "ratelimited", "chat.postMessage": "ratelimited"}
    body = asked()
    running.send.event(body)
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.send.event(deleted(body))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    running.slack.refusals.clear()
    settle(running)

    check_gone(running)


def edited_alone(body: dict[str, Any]) -> dict[str, Any]:
    return edited(body, f"Just for me: {NEW}")


def check_alone(running: RunningBot) -> None:
    root, answer = running.slack.public()
    assert (root.channel, answer.channel, answer.thread) == ("D1", "D1", root.ts)
    assert WHOLE in answer.words
    [rated] = running.answers.recent()
    assert (rated.question.text, rated.question.is_private) == (NEW, True)


EDIT = [(Jobs, "add"), (Jobs, "take"), (Questions, "revise"), (SlackClient, "update")]
DELETE = [(Jobs, "add"), (SlackClient, "delete"), (Questions, "drop"), (Jobs, "finish")]
ALONE = [(SlackClient, "delete"), (Questions, "move"), (Questions, "revise")]
CASES = [
    (Point(owner, method, {}, is_done=is_done), change, check, is_answered)
    for methods, change, check in (
        (EDIT, edited, check_renewed),
        (DELETE, deleted, check_gone),
        (ALONE, edited_alone, check_alone),
    )
    for owner, method in methods
    for is_done in (False, True)
    # An attempt that runs ends before the other points.
    for is_answered in ((True, False) if method == "add" else (True,))
]


def name_of(part: object) -> str:
    """The same in each process that runs some of the tests."""
    return str(getattr(part, "__name__", part))


@pytest.mark.slow
@pytest.mark.parametrize(("point", "change", "check", "is_answered"), CASES, ids=name_of)
def test_change_is_followed_also_if_the_process_ends(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    point: Point,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    check: Callable[[RunningBot], None],
    is_answered: bool,
) -> None:
    first = build(slack, Script(), database)
    if not is_answered:
        first.script.go_on.clear()
    body = asked()
    first.receive(body)
    slack.wait_for(lambda: "five" in "".join(message.text for message in slack.public()))
    if is_answered:
        settle(first)
    is_reached = ends_at(point, monkeypatch)
    event = change(body)
    with suppress(SystemExit):
        first.receive(event)
    slack.wait_for(is_reached)

    end_leases(database)
    second = build(slack, Script(), database)
    second.receive(event)  # Slack repeats events that were not acknowledged, and sometimes others.
    settle(second)
    check(second)
    for running in (first, second):
        running.bot.close(0)


def test_changes_are_read_from_the_payloads() -> None:
    edit = changed(payload("message_changed"), "UBOT")
    assert edit
    assert (edit.ts, edit.text, edit.person) == ("1763900000.000100", "changed", "U1")
    deletion = changed(payload("message_deleted"), "UBOT")
    assert deletion
    assert deletion.is_deleted
    assert changed(payload("message_of_bot"), "UBOT") is None
    assert changed(mention(), "UBOT") is None


def press_again(running: RunningBot, channel: str = "C1", at: str = "1763900400.1") -> None:
    """Presses the button that answers a question again."""
    (message,) = running.slack.public()
    body = click("", "up", channel=channel)
    body["container"]["message_ts"] = message.ts
    body["message"] = {"ts": message.ts, "thread_ts": message.thread}
    value = running.script.asked[0].id
    body["actions"] = [{"action_id": "answer_again", "value": value, "action_ts": at}]
    assert running.send.interaction(body).status == 200


def test_refused_question_is_answered_again_in_the_same_message(running: RunningBot) -> None:
    running.script.sufficient = False
    running.send.event(asked())
    settle(running)
    assert "Try again" in running.slack.public()[0].words

    running.script.sufficient = True
    press_again(running)
    settle(running)
    (message,) = running.slack.public()
    assert "service desk. [1]" in message.words
    assert "Try again" not in message.words


@pytest.mark.slow
@pytest.mark.parametrize("is_answered", [False, True])
def test_trying_again_keeps_what_a_colleague_wrote(running: RunningBot, is_answered: bool) -> None:
    running.script.sufficient = False
    running.send.event(asked())
    refused = running.answered()
    wrote = Correction(refused.id, "U2", datetime.now(UTC), "Ask the service desk.")
    running.ratings.correct(wrote)
    running.send.interaction(click(refused.id, "down"))
    settle(running)

    running.script.sufficient = is_answered
    press_again(running)
    settle(running)
    [rated] = running.answers.recent()
    assert rated.answer.created_at > refused.created_at
    assert (rated.answer.kind is AnswerKind.ANSWERED) is is_answered
    assert running.ratings.correction(refused.id, "U2") == wrote
    # What was said of another text does not count.
    assert bool(rated.ratings) is not is_answered


def test_failed_question_is_answered_again(running: RunningBot) -> None:
    running.script.error = GenerationError("It broke off.")
    running.send.event(asked())
    settle(running)
    assert "The model does not answer at the moment." in running.slack.public()[0].words

    running.script.error = None
    press_again(running)
    settle(running)
    (message,) = running.slack.public()
    assert "service desk. [1]" in message.words


def test_pressing_twice_or_elsewhere_answers_once(running: RunningBot) -> None:
    running.script.sufficient = False
    running.send.event(asked())
    settle(running)
    searched = len(running.script.asked)

    running.script.go_on.clear()
    running.script.sufficient = True
    press_again(running)
    press_again(running, at="1763900400.2")
    press_again(running, channel="C2", at="1763900400.3")
    running.script.go_on.set()
    settle(running)
    assert len(running.script.asked) == searched + 1
    assert running.slack.whispers("U1") == ["The question is gone, so I cannot answer it again."]


def test_answer_of_the_model_stays_also_if_its_button_was_pressed_late(
    running: RunningBot,
) -> None:
    running.send.event(asked())
    settle(running)
    press_again(running)
    settle(running)

    assert len(running.script.asked) == 1
    assert "service desk. [1]" in running.slack.public()[0].words
