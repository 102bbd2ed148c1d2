from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.questions import AnswerKind, Question, Verdict
from domain.ratings import InputKind, RatingInput
from domain.weeks import Day, Latency
from records.answers import Answers
from records.database import Database
from records.days import Days
from records.open_work import open_work
from records.ratings import Ratings
from tests.records.makers import NOW, answer, question
from tests.records.plans import full_scans

DAY = timedelta(days=1)
SINCE = NOW - DAY


def ask(
    db: Database,
    n: int,
    at: datetime,
    kind: AnswerKind | None = AnswerKind.ANSWERED,
    seconds: float = 2,
) -> str:
    asked = Question(f"slack:T1:C1:{n}", "q", "U1", at, question().audience)
    answers = Answers(db)
    answers.ask(asked)
    if kind:
        made = replace(answer(asked), kind=kind, created_at=at + timedelta(seconds=seconds))
        answers.record(made)
    return asked.answer_id


def test_the_questions_of_a_day_are_counted_by_what_became_of_them(db: Database) -> None:
    ask(db, 1, SINCE)
    ask(db, 2, SINCE + timedelta(hours=3), AnswerKind.REFUSED)
    ask(db, 3, SINCE + timedelta(hours=4), AnswerKind.UNSURE)
    ask(db, 4, NOW - timedelta(seconds=9), AnswerKind.QUOTED)
    ask(db, 5, NOW - timedelta(seconds=9), None)
    for n, at in enumerate((SINCE - timedelta(seconds=1), NOW), start=6):
        ask(db, n, at)
    assert Days(db).of(SINCE, NOW).counts == Day(5, 2, 2)


def test_each_person_counts_once_for_each_answer_with_what_they_said_last(db: Database) -> None:
    rated = ask(db, 1, SINCE - DAY)
    ratings = Ratings(db)
    for by, kind, verdict, at in (
        ("U1", InputKind.BUTTON, Verdict.UP, SINCE),
        ("U1", InputKind.FORM, Verdict.DOWN, SINCE + timedelta(hours=1)),
        ("U2", InputKind.BUTTON, Verdict.UP, SINCE),
        ("U3", InputKind.BUTTON, Verdict.UP, NOW),
    ):
        ratings.give(RatingInput(rated, by, kind, verdict, at))
    day = Days(db).of(SINCE, NOW)
    assert (day.good, day.bad) == (1, 1)


@pytest.mark.parametrize(
    ("seconds", "median", "p95"), [([], None, None), ([3], 3, 3), ([1, 2, 3, 4, 101], 3, 81.6)]
)
def test_latency_is_the_median_and_what_95_of_100_answers_stay_below(
    db: Database, seconds: list[float], median: float | None, p95: float | None
) -> None:
    for n, each in enumerate(seconds):
        ask(db, n, SINCE + timedelta(minutes=n), seconds=each)
    found = Days(db).of(SINCE, NOW).latency
    assert found == Latency(
        *(None if each is None else timedelta(seconds=each) for each in (median, p95))
    )


def test_a_day_is_read_by_an_index(db: Database) -> None:
    ask(db, 1, SINCE)
    assert full_scans(db, lambda db: Days(db).of(SINCE, NOW)) == {}


def test_of_what_is_open_only_gaps_are_counted_without_an_index(db: Database) -> None:
    scans = full_scans(db, open_work)
    assert {table for tables in scans.values() for table in tables} <= {"SCAN gaps", "gaps"}
