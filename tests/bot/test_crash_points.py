"""An attempt to answer may end at any point; after the next one there is one whole answer."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, current_thread, main_thread
from time import time
from typing import Any

import pytest

from bot.answers import reply
from bot.slack import connection
from bot.slack.client import SlackClient
from domain.jobs import JobState
from records.answers import Answers
from records.database import Database
from records.jobs import Jobs
from records.questions import Questions
from tests.bot.running_bot import RunningBot, Script, build, end_leases, is_about_strays, is_idle
from tests.payloads import mention
from tests.slack_double import SlackDouble

WHOLE = "[1] New laptops arrive within five days. [1]"
NO_STREAM = {"chat.startStream": "unknown_method"}
NO_STATUS = {"assistant.threads.setStatus": "unknown_method"}


@dataclass(frozen=True)
class Point:
    """The ``nth`` call of a method: the process ends before it, or after it."""

    owner: type
    method: str
    refusals: dict[str, str]
    nth: int = 1
    is_done: bool = False

    def __str__(self) -> str:
        when = "after" if self.is_done else "before"
        how = "-".join(sorted(self.refusals)) or "all methods"
        return f"{when} {self.owner.__name__}.{self.method} {self.nth}, without {how}"


ALWAYS = [
    (Questions, "claim"),
    (SlackClient, "status"),
    (Jobs, "take"),
    (SlackClient, "conversation"),
    (Questions, "set_audience"),
    (Questions, "set_reply"),
    (Answers, "record"),
    (Jobs, "finish"),
]
POINTS = [
    Point(owner, method, refusals, nth, is_done)
    for refusals, methods in (
        ({}, [*ALWAYS, *((SlackClient, method) for method in ("append", "stop", "update"))]),
        (NO_STREAM, [*ALWAYS, (SlackClient, "post")]),
        (
            NO_STREAM | NO_STATUS,
            [*((SlackClient, method) for method in ("post", "update")), (Questions, "set_reply")],
        ),
    )
    for owner, method in methods
    for nth in ((1, 2) if method == "append" else (1,))
    for is_done in (False, True)
]


def ends_at(point: Point, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Stops the thread that reaches the point; returns whether that has happened."""
    real, calls, reached = getattr(point.owner, point.method), 0, Event()

    def call(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls != point.nth:
            return real(*given, **named)
        if point.is_done:
            real(*given, **named)
        reached.set()
        if current_thread() is main_thread():
            raise SystemExit
        Event().wait()
        return None

    monkeypatch.setattr(point.owner, point.method, call)
    return reached.is_set


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_interrupted_answer_is_completed_and_shown_once(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    slack.refusals |= point.refusals
    is_reached = ends_at(point, monkeypatch)
    first = build(slack, Script(pause=0.06), database)
    event = mention(asked=time())
    with suppress(SystemExit):
        first.receive(event)
    slack.wait_for(is_reached)

    end_leases(database)
    second = build(slack, Script(), database)
    second.receive(event)  # Slack repeats events that were not acknowledged, and sometimes others.
    all_is_answered(second)
    # A minute later it looks for what Slack may have posted for the process that was killed.
    (job,) = (job for job in second.jobs.in_states(JobState) if not is_about_strays(job))
    assert job.state is JobState.DONE
    assert len(second.answers.recent()) == 1
    for running in (first, second):
        running.bot.close(0)


LOST = [
    ({}, "chat.startStream", 1),
    ({}, "chat.appendStream", 1),
    ({}, "chat.stopStream", 1),
    ({}, "chat.update", 1),
    ({}, "chat.update", 9),
    (NO_STREAM, "chat.postMessage", 1),
    (NO_STREAM, "chat.update", 9),
    (NO_STREAM | NO_STATUS, "chat.postMessage", 1),
]


@pytest.mark.slow
@pytest.mark.parametrize("looks", ["it is found", "the look fails too"])
@pytest.mark.parametrize(("refusals", "method", "times"), LOST)
def test_lost_response_causes_no_second_answer(
    slack: SlackDouble,
    database: Database,
    refusals: dict[str, str],
    method: str,
    times: int,
    looks: str,
) -> None:
    slack.refusals |= refusals
    slack.lost[method] = times
    if looks != "it is found":
        slack.broken["conversations.replies"] = 5
    running = build(slack, Script(pause=0.03), database)
    running.receive(mention(asked=time()))
    all_is_answered(running)
    assert len(running.answers.recent()) == 1
    running.bot.close(0)


LATE = [
    ({}, "chat.startStream"),
    ({}, "chat.stopStream"),
    (NO_STREAM | NO_STATUS, "chat.postMessage"),
]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.5, 2.5])
@pytest.mark.parametrize(("refusals", "method"), LATE)
def test_call_that_slack_does_after_the_bot_hung_up_causes_no_second_answer(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    refusals: dict[str, str],
    method: str,
    seconds: float,
) -> None:
    monkeypatch.setattr(connection, "_SHORT", 1)
    monkeypatch.setattr(reply, "_LATE", 4.0)
    slack.refusals |= refusals
    slack.late[method] = seconds
    running = build(slack, Script(pause=0.03), database)
    running.receive(mention(asked=time()))
    all_is_answered(running)
    running.bot.close(0)


@pytest.mark.slow
@pytest.mark.parametrize(("refusals", "method"), [LATE[0], LATE[2]])
def test_what_slack_does_long_after_the_bot_hung_up_is_deleted(
    slack: SlackDouble,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    refusals: dict[str, str],
    method: str,
) -> None:
    monkeypatch.setattr(connection, "_SHORT", 1)
    monkeypatch.setattr(reply, "_LATE", 0.2)
    slack.refusals |= refusals
    slack.late[method] = 6.0
    running = build(slack, Script(pause=0.03), database)
    running.receive(mention(asked=time()))
    slack.wait_for(lambda: len(slack.public()) == 2)
    all_is_answered(running)
    running.bot.close(0)


@pytest.mark.slow
def test_what_slack_does_late_for_a_bot_that_was_killed_is_deleted(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.refusals |= NO_STREAM
    slack.late["chat.postMessage"] = 8.0
    posted = SlackClient.post

    def posts_and_ends(*given: Any, **named: Any) -> None:
        posted(*given, **named)
        Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(SlackClient, "post", posts_and_ends)
        killed = build(slack, Script(), database)
        killed.receive(mention(asked=time()))
        slack.wait_for(lambda: slack.count("chat.postMessage"))
    assert slack.public() == []
    end_leases(database)
    second = build(slack, Script(), database)
    second.bot.resume()
    slack.wait_for(lambda: len(slack.public()) == 2)
    all_is_answered(second)
    for running in (killed, second):
        running.bot.close(0)


def all_is_answered(running: RunningBot) -> None:
    """Does waiting jobs until there are none; then exactly one whole answer must be shown."""
    slack = running.slack

    def is_so() -> bool:
        if running.questions.unfinished() and is_idle(running.bot.runner):
            running.resume_now()
        return not running.questions.unfinished()

    slack.wait_for(is_so)
    (message,) = slack.public()
    assert not message.streaming
    assert WHOLE in message.words
    assert message.blocks[-1]["type"] == "context_actions"
    assert running.questions.is_reply(f"slack:T1:C1:{message.ts}")
