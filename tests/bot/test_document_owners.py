"""Who added a document is told once a day that people say it is wrong or out of date."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from domain.documents import Source, SourceState
from domain.jobs import JobKind, JobState
from domain.questions import AnswerKind, Audience, Fault, Question, Rating, Verdict
from records.ratings import Ratings
from records.sources import Sources
from records.tables import jobs
from tests.bot.gap_makers import asked, keep
from tests.bot.running_bot import RunningBot, is_idle
from tests.slack_double import SlackMessage

NOW = datetime.now(UTC)
QUESTION = "How long are the boats insured?"


def doubt(
    running: RunningBot, question: Question, fault: Fault = Fault.OUTDATED, at: datetime = NOW
) -> str:
    """Rates an answer so; returns the document that it was made from."""
    stored = keep(running.database, question, AnswerKind.ANSWERED)
    said = Rating(stored.id, "U2", Verdict.DOWN, at, "It is old.", fault=fault)
    Ratings(running.database).rate(said)
    return stored.passages[0].source


def add(running: RunningBot, uri: str, owner: str = "U5", audience: str = "team:T1") -> None:
    row = Source(uri, Audience.of(audience), SourceState.INDEXED, owner, NOW)
    Sources(running.database).save(replace(row, title="Boat insurance"))


def tell(running: RunningBot, now: datetime = NOW) -> None:
    running.bot.gaps.owners.add_due(now)
    finish(running)


def finish(running: RunningBot) -> None:
    def is_done() -> bool:
        if is_idle(running.bot.runner):
            running.resume_now()
        return not running.open_jobs(JobKind.OWNER)

    running.slack.wait_for(is_done)


def told(running: RunningBot) -> list[SlackMessage]:
    return [each for each in running.slack.public() if each.channel.startswith("D")]


def test_owner_is_told_once_a_day_with_what_they_may_read(running: RunningBot) -> None:
    uri = doubt(running, asked(1, QUESTION, at=NOW))
    doubt(running, asked(2, "What is the board's plan?", channel="D9", at=NOW))
    add(running, uri)
    for _ in range(2):
        tell(running)
    (message,) = told(running)
    assert "2 answers from your document “Boat insurance”" in message.words
    assert f"• {QUESTION}\n    It is out of date. “It is old.”\n" in message.words
    assert "board" not in message.words


def test_what_is_said_later_that_day_is_told_the_next_day(running: RunningBot) -> None:
    morning = (NOW - timedelta(days=3)).replace(hour=0, minute=15, second=0)
    add(running, doubt(running, asked(1, QUESTION, at=morning), at=morning))
    tell(running, morning)
    for n, minutes in enumerate((1, 600), 2):
        at = morning + timedelta(minutes=minutes)
        doubt(running, asked(n, f"What do {n} boats cost?", at=at), at=at)
    for hours in (12, 23):
        tell(running, morning + timedelta(hours=hours))
    assert len(told(running)) == 1
    for hours in (24, 47):
        tell(running, morning + timedelta(hours=hours))
    _, second = told(running)
    assert "2 answers from your document" in second.words
    assert QUESTION not in second.words


@pytest.mark.parametrize("fault", [Fault.WRONG_SOURCE, Fault.UNWANTED, Fault.WRONG])
def test_other_faults_are_not_the_documents(running: RunningBot, fault: Fault) -> None:
    add(running, doubt(running, asked(1, QUESTION, at=NOW), fault))
    tell(running)
    assert told(running) == []


def test_owner_who_may_not_read_the_document_any_more_is_not_told(running: RunningBot) -> None:
    add(running, doubt(running, asked(1, QUESTION, at=NOW)), audience="person:T1:U7")
    tell(running)
    assert told(running) == []


def test_nobody_is_told_of_documents_from_the_terminal_or_of_old_doubts(
    running: RunningBot,
) -> None:
    uri = doubt(running, asked(1, QUESTION, at=NOW))
    add(running, uri, owner="cli:ann")
    tell(running)
    add(running, uri)
    tell(running, NOW + timedelta(days=2))
    assert told(running) == []


def test_owner_is_told_once_although_it_is_not_known_whether_that_was_posted(
    running: RunningBot,
) -> None:
    add(running, doubt(running, asked(1, QUESTION, at=NOW)))
    tell(running)
    again = {"state": JobState.WAITING, "attempts": 1, "held_by": "", "not_before": NOW}
    with running.database.session() as connection:
        connection.execute(update(jobs).where(jobs.c.kind == JobKind.OWNER).values(again))
    assert running.open_jobs(JobKind.OWNER)
    finish(running)
    assert len(told(running)) == 1
