"""A recorded answer that was not shown yet is shown only if its readers may still read it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.documents import Source, SourceState
from domain.prompt import REFUSAL
from domain.questions import Answer, AnswerKind, Audience, Question, Timings
from records.answers import Answers
from records.database import Database
from records.grants import Grants
from records.questions import Questions
from records.sources import Sources
from tests.bot.running_bot import LAPTOPS, RunningBot, Script, build, end_leases, is_idle
from tests.bot.test_crash_points import Point, ends_at
from tests.records.makers import claim_of
from tests.slack_double import SlackDouble

SECRET = "The laptops are bought from Initech."
ASKED = "slack:T1:{channel}:1763900000.000100"
NOW = datetime.now(UTC)


def given(database: Database, *labels: str) -> None:
    """Grants the source of the recorded answer to these readers."""
    audience = Audience.of(*labels)
    state = SourceState.INDEXED
    Sources(database).save(Source(LAPTOPS.source, audience, state, "U2", NOW, title="Laptops"))


def recorded(
    database: Database, channel: str = "C1", kind: AnswerKind = AnswerKind.ANSWERED
) -> Answer:
    """An answer whose attempt ended before it was shown; a member asked in a channel."""
    name = ASKED.format(channel=channel)
    readers = Audience.of("everyone", "team:T1", f"channel:T1:{channel}", public=True)
    question = Question(name, "Where do laptops come from?", "U1", NOW, readers, thread=name)
    Questions(database).claim([claim_of(question)])
    return Answers(database).record(
        Answer(
            question.answer_id,
            name,
            kind,
            SECRET,
            (),
            (replace(LAPTOPS, text=SECRET),),
            "scripted",
            None,
            "v1",
            Timings(),
            NOW,
        )
    )


def finished(slack: SlackDouble, database: Database, script: Script) -> RunningBot:
    """A new process that has done the remaining jobs, also those that wait for their time."""
    running = build(slack, script, database)
    running.bot.resume()

    def is_done() -> bool:
        if running.questions.unfinished() and is_idle(running.bot.runner):
            running.resume_now()
        return not running.questions.unfinished()

    slack.wait_for(is_done)
    return running


def test_recorded_answer_that_may_still_be_read_is_shown_unchanged(
    slack: SlackDouble, database: Database
) -> None:
    given(database, "team:T1")
    recorded(database)
    script = Script()
    running = finished(slack, database, script)

    [message] = slack.public()
    assert SECRET in message.words
    assert script.asked == []
    running.bot.close(5)


def withdrawn(slack: SlackDouble, database: Database) -> None:
    Sources(database).withdraw(LAPTOPS.source, Audience.of("team:T1"), NOW)


def given_to_others_only(slack: SlackDouble, database: Database) -> None:
    Sources(database).grant(LAPTOPS.source, Audience.of("channel:T1:C9"), "U2", NOW)
    withdrawn(slack, database)


def shared_with_another_company(slack: SlackDouble, database: Database) -> None:
    slack.channels["C1"] = slack.channels["CSHARED"]


def asked_by_a_guest(slack: SlackDouble, database: Database) -> None:
    slack.people["U1"] = {"is_restricted": True}


NARROWER = [withdrawn, given_to_others_only, shared_with_another_company, asked_by_a_guest]


@pytest.mark.slow
@pytest.mark.parametrize("kind", AnswerKind)
@pytest.mark.parametrize("narrow", NARROWER)
def test_recorded_answer_that_may_no_longer_be_read_is_replaced_by_a_new_one(
    slack: SlackDouble,
    database: Database,
    narrow: Callable[[SlackDouble, Database], None],
    kind: AnswerKind,
) -> None:
    given(database, "team:T1")
    recorded(database, kind=kind)
    narrow(slack, database)
    running = finished(slack, database, Script(passages=(), sufficient=False))

    [message] = slack.public()
    assert SECRET not in message.words
    assert not any(SECRET in str(call) for call in slack.calls)
    [kept] = running.answers.recent()
    assert kept.answer.passages == ()
    running.bot.close(5)


def test_source_that_is_given_only_to_this_channel_is_still_read_by_its_guests(
    slack: SlackDouble, database: Database
) -> None:
    given(database, "team:T1", "channel:T1:C1")
    recorded(database)
    asked_by_a_guest(slack, database)
    running = finished(slack, database, Script())

    assert SECRET in slack.public()[0].words
    running.bot.close(5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        Point(owner, method, {}, is_done=is_done)
        for owner, method in ((Grants, "readable"), (Answers, "delete"), (Answers, "record"))
        for is_done in (False, True)
    ],
    ids=str,
)
def test_attempt_that_is_interrupted_after_that_shows_nothing_of_the_first_answer(
    slack: SlackDouble, database: Database, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    given(database, "team:T1")
    recorded(database)
    withdrawn(slack, database)
    nothing = Script(passages=(), sufficient=False)
    is_reached = ends_at(point, monkeypatch)
    first = build(slack, nothing, database)
    first.bot.resume()
    slack.wait_for(is_reached)
    end_leases(database)
    second = finished(slack, database, nothing)

    [message] = slack.public()
    assert not any(SECRET in str(call) for call in slack.calls)
    assert REFUSAL in message.words
    for running in (first, second):
        running.bot.close(0)
