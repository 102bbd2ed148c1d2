"""Where nothing can be written any more, the person who asked is told once, in one sentence."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import time

import pytest

from bot.answers.closed import closed
from bot.slack.client import SlackClient
from domain.errors import MessengerRefused
from domain.jobs import JobState
from domain.questions import Audience, Question
from records.database import Database
from records.jobs import Jobs
from tests.bot.running_bot import RunningBot, Script, build, end_leases, is_idle
from tests.bot.test_crash_points import NO_STREAM, Point, ends_at
from tests.payloads import mention
from tests.slack_double import SlackDouble

CODES = [
    "cannot_reply_to_message",
    "channel_not_found",
    "ekm_access_denied",
    "is_archived",
    "no_permission",
    "not_in_channel",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "thread_not_found",
    "user_is_restricted",
]
WRITING = ("chat.startStream", "chat.postMessage")
AT = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = "How do I get a new laptop?"


def all_is_ended(running: RunningBot) -> None:
    def is_so() -> bool:
        if running.questions.unfinished() and is_idle(running.bot.runner):
            running.resume_now()
        return not running.questions.unfinished()

    running.slack.wait_for(is_so)


def told(slack: SlackDouble) -> list[str]:
    return [message.words for message in slack.public() if message.channel == "D1"]


@pytest.mark.slow
@pytest.mark.parametrize("refusals", [{}, NO_STREAM], ids=["streamed", "posted"])
@pytest.mark.parametrize("code", CODES)
def test_closed_place_is_written_to_once_and_the_person_is_told(
    running: RunningBot, code: str, refusals: dict[str, str]
) -> None:
    running.slack.refusals |= refusals
    body = mention(asked=time())
    running.slack.closed[body["event"]["ts"]] = code
    running.send.event(body)
    running.slack.wait_for(lambda: told(running.slack))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))

    [sentence] = told(running.slack)
    assert f"“{ASKED}”" in sentence
    assert [message.channel for message in running.slack.public()] == ["D1"]
    there = [given for method, given in running.slack.calls if method in WRITING]
    assert sum(given["channel"] == "C1" for given in there) <= 2
    [job] = running.jobs.in_states(JobState)
    assert (job.state, job.attempts) == (JobState.QUARANTINED, 1)
    assert running.resume_now() == 0


def test_thread_that_is_locked_while_the_answer_is_written_is_left_as_it_is(
    running: RunningBot,
) -> None:
    running.script.go_on.clear()
    running.send.event(mention(asked=time()))
    running.slack.wait_for(running.slack.public)
    for method in ("chat.appendStream", "chat.stopStream", "chat.update"):
        running.slack.refusals[method] = "restricted_action_thread_locked"
    running.script.go_on.set()

    running.slack.wait_for(lambda: told(running.slack))
    assert "because the thread is locked" in told(running.slack)[0]
    assert len(running.slack.public()) == 2


def test_person_to_whom_the_bot_may_not_write_either_is_not_told(running: RunningBot) -> None:
    running.slack.closed |= {"C1": "is_archived", "D1": "messages_tab_disabled"}
    running.send.event(mention(asked=time()))
    running.slack.wait_for(lambda: running.slack.count("chat.startStream"))
    running.slack.wait_for(lambda: is_idle(running.bot.runner))

    assert running.slack.public() == []
    [job] = running.jobs.in_states(JobState)
    assert job.state is JobState.QUARANTINED


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["busy", "broken", "lost"])
def test_sentence_is_told_once_also_if_slack_fails_at_it(running: RunningBot, trouble: str) -> None:
    body = mention(asked=time())
    running.slack.closed[body["event"]["ts"]] = "is_archived"
    getattr(running.slack, trouble)["chat.postMessage"] = 1
    running.send.event(body)
    all_is_ended(running)

    assert len(told(running.slack)) == 1
    [job] = running.jobs.in_states(JobState)
    assert job.state is JobState.QUARANTINED


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        Point(owner, method, {}, is_done=is_done)
        for owner, method in ((SlackClient, "post"), (Jobs, "give_up"))
        for is_done in (False, True)
    ],
    ids=str,
)
def test_sentence_is_told_once_also_if_the_process_ends(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    body = mention(asked=time())
    slack.closed[body["event"]["ts"]] = "is_archived"
    is_reached: Callable[[], bool] = ends_at(point, monkeypatch)
    first = build(slack, Script(), database)
    first.receive(body)
    slack.wait_for(is_reached)
    end_leases(database)
    second = build(slack, Script(), database)
    second.resume_now()
    all_is_ended(second)

    assert len(told(slack)) == 1
    for running in (first, second):
        running.bot.close(0)


def test_sentence_says_why() -> None:
    def why(code: str) -> str:
        question = Question("slack:T1:C1:1.0", "Who\npays?", "U1", AT, Audience.of("everyone"))
        return closed(question, MessengerRefused(code, "to post"))

    assert why("is_archived") == (
        "I cannot answer your question “Who pays?”, because the channel is archived."
    )
    assert "because I am not allowed to write there" in why("restricted_action")
