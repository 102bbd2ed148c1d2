"""A person presses Stop while the bot answers: from then on nothing more is written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import time
from typing import Any

import pytest

from bot.answers import reply
from bot.jobs.payloads import QuestionChange, QuestionPayload, write_question
from bot.questions.stopping import Stop, stop
from domain.jobs import JobKind, JobState, NewJob
from domain.questions import Evidence, Question
from records.database import Database
from records.questions import Questions
from tests.bot.running_bot import RunningBot, Script, build, end_leases, http_bot, is_idle
from tests.bot.test_crash_points import Point, ends_at
from tests.payloads import click, mention, payload
from tests.slack_double import SlackDouble

WRITING = {
    "chat.startStream",
    "chat.appendStream",
    "chat.stopStream",
    "chat.postMessage",
    "chat.update",
    "chat.postEphemeral",
}


@pytest.fixture(autouse=True)
def every_word_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "_STREAM_PACE", 0.0)


def asked_in_channel() -> dict[str, Any]:
    return mention(asked=time() - 5)


def asked_in_direct_message() -> dict[str, Any]:
    ts = f"{int(time()) - 5}.000100"
    return payload("message_im", ts=ts, event_ts=ts)


ASKED = [asked_in_channel, asked_in_direct_message]


def press_stop(running: RunningBot, body: dict[str, Any]) -> dict[str, Any]:
    event = body["event"]
    return running.slack.press_stop(event["channel"], event["ts"])


def written(slack: SlackDouble) -> list[str]:
    return [method for method, _ in slack.calls if method in WRITING]


def is_over(running: RunningBot) -> bool:
    return not running.questions.unfinished() and is_idle(running.bot.runner)


def check_stopped(running: RunningBot, text: str) -> None:
    """The message shows what it showed; nothing of the answer is kept, and the job is done."""
    [message] = running.slack.public()
    assert (message.text, message.blocks, message.streaming) == (text, [], False)
    assert running.answers.recent() == []
    [job] = running.jobs.in_states(JobState)
    assert (job.state, job.reason) == (JobState.DONE, "A person pressed Stop.")


@pytest.mark.slow
@pytest.mark.parametrize("ask", ASKED)
def test_stop_ends_the_answer_and_nothing_more_is_written(
    running: RunningBot, ask: Callable[[], dict[str, Any]]
) -> None:
    running.script.go_on.clear()
    running.script.words = [*running.script.words] * 50
    running.script.pause = 0.05
    body = ask()
    running.send.event(body)
    running.slack.wait_for(lambda: "ticket" in "".join(m.text for m in running.slack.public()))
    running.send.event(press_stop(running, body))
    [message] = running.slack.public()
    shown, calls = message.text, len(written(running.slack))

    running.slack.wait_for(lambda: is_over(running))  # the model is not waited for
    running.slack.wait_for(lambda: running.slack.count("agents.sessions.setStatus") == 1)
    assert written(running.slack)[calls:] in ([], ["chat.appendStream"])  # one was on its way
    check_stopped(running, shown)


@pytest.mark.slow
@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_stop_of_which_only_slacks_refusal_tells_is_obeyed(
    running: RunningBot, ask: Callable[[], dict[str, Any]], method: str
) -> None:
    running.slack.refusals[method] = "stopped_by_user"
    running.send.event(ask())
    running.slack.wait_for(lambda: method in written(running.slack))
    running.slack.wait_for(lambda: is_over(running))

    assert written(running.slack)[-1] == method
    assert running.answers.recent() == []
    assert {job.state for job in running.jobs.in_states(JobState)} == {JobState.DONE}


@pytest.mark.slow
def test_without_a_stream_nothing_is_posted_after_stop(running: RunningBot) -> None:
    running.slack.refusals["chat.startStream"] = "unknown_method"
    running.script.go_on.clear()
    running.script.pause = 0.15
    body = asked_in_channel()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    running.send.event(press_stop(running, body))
    running.script.go_on.set()
    running.slack.wait_for(lambda: is_over(running))

    [message] = running.slack.public()
    assert message.words.endswith(" …")
    assert running.answers.recent() == []


def test_stop_ends_a_question_that_waits_for_slack_and_takes_back_its_status(
    running: RunningBot,
) -> None:
    running.slack.refusals |= {"chat.startStream": "ratelimited", "chat.postMessage": "ratelimited"}
    body = asked_in_channel()
    running.send.event(body)
    running.slack.wait_for(lambda: running.slack.count("chat.postMessage"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))
    running.send.event(press_stop(running, body))
    assert not running.questions.unfinished()
    running.slack.refusals.clear()
    running.resume_now()

    def statuses() -> list[str]:
        named = "assistant.threads.setStatus"
        return [given["status"] for method, given in running.slack.calls if method == named]

    running.slack.wait_for(lambda: statuses()[-1] == "")
    assert running.slack.public() == []


def test_late_stop_does_not_end_a_question_that_was_asked_after_it(running: RunningBot) -> None:
    body = asked_in_channel()
    event = press_stop(running, body)
    event["event"]["event_ts"] = f"{time() - 60:.6f}"
    running.script.go_on.clear()
    running.send.event(body)
    running.slack.wait_for(running.slack.public)
    running.send.event(event)
    running.script.go_on.set()

    assert running.answered().question_id.endswith(body["event"]["ts"])
    assert running.slack.public()[0].blocks


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        Point(Questions, method, {}, is_done=is_done)
        for method in ("stop", "stop_one")
        for is_done in (False, True)
    ],
    ids=str,
)
def test_stop_is_obeyed_by_the_next_process_too(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    script = Script(pause=0.05)
    script.go_on.clear()
    is_reached = ends_at(point, monkeypatch)
    first = build(slack, script, database)
    body = asked_in_channel()
    first.receive(body)
    slack.wait_for(lambda: "ticket" in "".join(message.text for message in slack.public()))
    event = press_stop(first, body)
    if point.method == "stop":
        with pytest.raises(SystemExit):
            first.receive(event)
    slack.wait_for(is_reached)
    shown = slack.public()[0].text

    end_leases(database)
    second = build(slack, Script(), database)
    if point.method == "stop":
        second.receive(event)  # Slack sends it again, as it was not acknowledged.
    second.resume_now()
    slack.wait_for(lambda: is_over(second))
    check_stopped(second, shown)
    for running in (first, second):
        running.bot.close(0)


def test_answer_to_another_question_goes_on(slack: SlackDouble, database_file: Path) -> None:
    with http_bot(slack, database_file) as running:
        running.script.go_on.clear()
        one, other = mention(0, asked=time() - 5), mention(1, asked=time() - 5)
        running.send.event(one)
        running.send.event(other)
        slack.wait_for(lambda: len(slack.public()) == 2)
        running.send.event(press_stop(running, one))
        running.script.go_on.set()
        running.answered()

    assert sorted(bool(message.blocks) for message in slack.public()) == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize("begun", [False, True], ids=["searching", "writing"])
def test_stop_that_another_process_hears_is_obeyed(
    slack: SlackDouble, database: Database, begun: bool
) -> None:
    slack.refusals["chat.startStream"] = "unknown_method"  # else Slack itself refuses what follows
    first, second = build(slack, Script(), database), build(slack, Script(), database)
    found = Event()

    def search(question: Question) -> Evidence:
        assert found.wait(60)
        return Evidence(first.script.passages, sufficient=True)

    first.script.searches = search
    first.script.pause = 0.15
    first.script.go_on.clear()
    body = asked_in_channel()
    first.receive(body)
    if begun:
        found.set()
        slack.wait_for(slack.public)
    else:
        slack.wait_for(lambda: first.script.asked)
    shown = [message.words for message in slack.public()]
    second.receive(press_stop(first, body))
    found.set()
    first.script.go_on.set()
    slack.wait_for(lambda: is_idle(first.bot.runner))

    assert [message.words for message in slack.public()] == shown
    assert first.answers.recent() == []
    assert {(job.state, job.reason) for job in first.jobs.in_states(JobState)} == {
        (JobState.DONE, "A person pressed Stop.")
    }
    for running in (first, second):
        running.bot.close(0)


def job_of(question: Question, change: QuestionChange) -> NewJob:
    """A job that is due in an hour."""
    return NewJob(
        kind=JobKind.QUESTION,
        key=question.id,
        request=f"{change}:{question.id}",
        team="T1",
        person=question.asked_by,
        report=question.thread,
        payload=write_question(QuestionPayload(change=change)),
        created_at=datetime.now(UTC) + timedelta(hours=1),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        QuestionChange.STRAYS,
        QuestionChange.HIDDEN,
        QuestionChange.SHARED,
        QuestionChange.DELETED,
    ],
)
def test_stop_leaves_what_else_is_to_be_done_in_its_thread(
    running: RunningBot, change: QuestionChange
) -> None:
    first = asked_in_channel()
    running.send.event(first)
    shown = running.answered()
    running.send.interaction(click(shown.id, "up"))
    question = running.answers.question_of(shown.id)
    running.jobs.add([job_of(question, change)])
    running.script.go_on.clear()
    second = mention(7, asked=time() - 5, thread_ts=first["event"]["ts"])
    running.send.event(second)
    running.slack.wait_for(lambda: len(running.slack.public()) == 2)
    running.send.event(running.slack.press_stop("C1", first["event"]["ts"]))
    running.script.go_on.set()
    running.slack.wait_for(lambda: is_idle(running.bot.runner))

    [kept] = running.answers.recent()
    assert kept.answer == shown
    assert len(kept.ratings) == 1
    assert [job.key for job in running.open_jobs()] == [question.id]


@pytest.mark.slow
def test_answer_that_was_shown_before_a_question_is_answered_again_stays_after_stop(
    running: RunningBot,
) -> None:
    running.script.sufficient = False
    first = asked_in_channel()
    running.send.event(first)
    refused = running.answered()
    question = running.answers.question_of(refused.id)
    again = job_of(question, QuestionChange.AGAIN)
    running.jobs.add([again])
    running.send.event(running.slack.press_stop("C1", first["event"]["ts"]))

    assert running.open_jobs() == []
    assert running.answers.recent()[0].answer == refused


def test_event_is_read_also_if_it_says_no_stream() -> None:
    at = datetime.fromtimestamp(1763900001, UTC)
    event = {"channel": "C1", "thread_ts": "1.0", "event_ts": "1763900001.000000"}
    assert stop(event) == Stop("C1", "1.0", (), at)
    assert stop({"channel": "C1", "event_ts": "1.0"}) is None
