"""Admins are told once that no question is answered any more, and once that it is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.notices import Notices
from domain.adapters import Outcome
from domain.errors import GenerationError, ServerUnavailable
from domain.jobs import JobKind, JobState
from domain.questions import AnswerKind
from records.database import Database
from records.runs import Runs
from records.tables import jobs as jobs_table
from tests.bot.running_bot import RunningBot, Script, build
from tests.bot.test_nights import settle
from tests.payloads import mention
from tests.slack_double import SlackDouble

AWAY = GenerationError("The model server does not answer.", "Start it: phi3 serve.")


@pytest.fixture
def running(slack: SlackDouble, database: Database) -> RunningBot:
    return build(slack, Script(), database)


def ask(running: RunningBot, *numbers: int) -> None:
    for n in numbers:
        running.receive(mention(n))
    running.slack.wait_for(lambda: not running.open_jobs(JobKind.QUESTION))


def look(*bots: RunningBot) -> list[str]:
    """What the admins were told so far, after each bot looked twice."""
    for each in bots * 2:
        each.bot.outages.look()
        settle(each)
    words = [one.words for one in bots[0].slack.public()]
    return [one for one in words if "answered any more" in one or "answered again" in one]


@pytest.mark.slow
def test_outage_and_its_end_are_told_once(running: RunningBot) -> None:
    running.script.error = AWAY
    ask(running, 1, 2)
    assert look(running) == []
    ask(running, 3)
    (told,) = look(running)
    assert "3 in a row" in told
    assert "The model server does not answer." in told
    assert "phi3 doctor" in told
    ask(running, 4, 5, 6, 7)
    assert look(running) == [told]

    running.script.error = None
    ask(running, 8)
    again, first = sorted(look(running), key=lambda one: "any more" in one)
    assert first == told
    assert "Questions are answered again" in again

    running.script.error = AWAY
    ask(running, 9, 10, 11)
    assert len(look(running)) == 3
    running.bot.close(0)


@pytest.mark.slow
def test_an_answer_in_between_is_no_outage(running: RunningBot) -> None:
    for n in range(0, 12, 3):
        running.script.error = AWAY
        ask(running, n, n + 1)
        running.script.error = None
        ask(running, n + 2)
        assert look(running) == []
    running.bot.close(0)


@pytest.mark.slow
def test_of_two_bots_one_tells_it_and_a_new_one_knows_it(
    slack: SlackDouble, database: Database, running: RunningBot
) -> None:
    running.script.error = AWAY
    ask(running, 1, 2, 3)
    other = build(slack, Script(), database)
    assert len(look(running, other)) == 1
    running.bot.close(0)
    ask(other, 4)
    assert len(look(other)) == 2
    assert len(look(other)) == 2
    other.bot.close(0)


def test_without_a_channel_each_named_admin_is_told_once(running: RunningBot) -> None:
    notices = running.bot.runner._works[JobKind.NOTICE]
    assert isinstance(notices, Notices)
    notices._channel, notices._admins = "", ["U1", "U99"]
    running.script.error = AWAY
    ask(running, 1, 2, 3)
    assert len(look(running)) == 2
    told = [one.channel for one in running.slack.public() if "answered any more" in one.words]
    assert sorted(told) == ["D1", "D99"]
    running.bot.close(0)


def test_questions_that_were_given_up_days_ago_are_no_outage(
    running: RunningBot, database: Database
) -> None:
    running.script.error = AWAY
    ask(running, 1, 2, 3)
    with database.session() as connection:
        past = datetime.now(UTC) - timedelta(days=2)
        connection.execute(jobs_table.update().values(updated_at=past))
    assert look(running) == []
    running.bot.close(0)


def test_passages_instead_of_answers_are_an_outage_too(running: RunningBot) -> None:
    words, running.script.words = running.script.words, []
    running.script.error = ServerUnavailable("The model server does not answer.")
    ask(running, 1, 2)
    assert look(running) == []
    ask(running, 3)
    (told,) = look(running)
    assert "only the nearest passages" in told
    ask(running, 4)
    assert look(running) == [told]

    running.script.error, running.script.words = None, words
    ask(running, 5)
    assert len(look(running)) == 2
    running.bot.close(0)


@pytest.mark.parametrize("has_ended", [False, True])
def test_a_night_that_needs_the_models_memory_is_no_outage(
    running: RunningBot, database: Database, has_ended: bool
) -> None:
    runs = Runs(database)
    night = runs.begin("night-1", datetime.now(UTC))
    running.script.error, running.script.words = ServerUnavailable("It rests."), []
    ask(running, 1, 2, 3)
    if has_ended:
        runs.finish(replace(night, outcome=Outcome.REJECTED, finished_at=datetime.now(UTC)))
    kinds = {kind for _, kind in running.answers.latest_kinds(9)}
    assert kinds == {AnswerKind.QUOTED}
    assert look(running) == []
    running.bot.close(0)


def test_an_outage_is_not_over_because_a_day_has_passed(
    running: RunningBot, database: Database
) -> None:
    running.script.error, running.script.words = ServerUnavailable("It is away."), []
    ask(running, 1, 2, 3)
    (told,) = look(running)
    with database.session() as connection:
        past = datetime.now(UTC) - timedelta(days=1, minutes=1)
        connection.execute(jobs_table.update().values(created_at=past))
    ask(running, 4)
    assert look(running) == [told]
    running.bot.close(0)


def test_a_night_that_was_killed_excuses_nothing_that_came_later(
    running: RunningBot, database: Database
) -> None:
    Runs(database).begin("night-1", datetime.now(UTC) - timedelta(hours=5))
    running.script.error, running.script.words = ServerUnavailable("It is away."), []
    ask(running, 1, 2, 3)
    assert len(look(running)) == 1
    running.bot.close(0)


def test_one_question_that_was_tried_again_is_no_outage(
    running: RunningBot, database: Database
) -> None:
    running.script.error = AWAY
    ask(running, 1, 2, 3)
    with database.session() as connection:
        one = jobs_table.c.kind == JobKind.QUESTION
        connection.execute(jobs_table.update().where(one).values(key="slack:T1:C1:1.0"))
    assert look(running) == []
    running.bot.close(0)


def test_channels_that_are_closed_are_no_outage(running: RunningBot) -> None:
    for n in (1, 2, 3):
        asked = mention(n)
        running.slack.closed[asked["event"]["ts"]] = "is_archived"
        running.receive(asked)
    running.slack.wait_for(lambda: not running.open_jobs(JobKind.QUESTION))
    given_up = running.jobs.open_page([JobState.QUARANTINED], 9)
    assert len([job for job in given_up if job.kind is JobKind.QUESTION]) == 3
    assert look(running) == []
    running.bot.close(0)


def test_where_several_workspaces_share_the_model_nobody_is_told(running: RunningBot) -> None:
    notices = running.bot.runner._works[JobKind.NOTICE]
    assert isinstance(notices, Notices)
    notices._is_shared = True
    running.script.error = AWAY
    ask(running, 1, 2, 3)
    assert look(running) == []
    running.bot.close(0)
