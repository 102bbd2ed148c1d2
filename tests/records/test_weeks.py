from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.questions import AnswerKind, Question, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from domain.weeks import WEEK, Day
from records.answers import Answers
from records.database import Database
from records.questions import Questions
from records.ratings import Ratings
from records.waiting import Waiting
from records.weeks import Weeks
from tests.records.makers import NOW, answer, question
from tests.records.plans import full_scans

PLACE = "slack:T1:"
SINCE = NOW - WEEK


def ask(
    db: Database,
    n: int,
    at: datetime,
    kind: AnswerKind | None = AnswerKind.ANSWERED,
    seconds: float = 2,
    place: str = PLACE,
) -> str:
    """Asks a question, and answers it after some seconds; returns the answer's id."""
    asked = Question(f"{place}C1:{n}", "q", "U1", at, question().audience)
    answers = Answers(db)
    answers.ask(asked)
    if kind:
        made = replace(answer(asked), kind=kind, created_at=at + timedelta(seconds=seconds))
        answers.record(made)
    return asked.answer_id


def test_questions_are_counted_by_day_and_kind(db: Database) -> None:
    ask(db, 1, SINCE)
    ask(db, 2, SINCE + timedelta(hours=23), AnswerKind.REFUSED)
    ask(db, 3, SINCE + timedelta(hours=25), AnswerKind.QUOTED)
    ask(db, 4, NOW - timedelta(seconds=1), None)
    week = Weeks(db).of(PLACE, SINCE)
    assert list(week.days) == [Day(2, 1, 1), Day(1, 1, 0), *[Day()] * 4, Day(1, 0, 0)]
    assert (week.questions, week.answered, week.refused) == (4, 2, 1)


def test_what_the_bot_asked_again_is_no_question_of_a_person(db: Database) -> None:
    ask(db, 1, SINCE)
    ask(db, 2, SINCE)
    Questions(db).set_reply(f"{PLACE}C1:1", f"{PLACE}C1:1.5")
    Questions(db).set_reply(f"{PLACE}C1:2", f"{PLACE}C1:2")  # its answer is its own message
    assert Weeks(db).of(PLACE, SINCE).questions == 1


def test_only_this_week_and_this_workspace_count(db: Database) -> None:
    for n, at in enumerate((SINCE - timedelta(seconds=1), NOW)):
        answer_id = ask(db, n, at)
        give(db, answer_id, at=at)
    give(db, ask(db, 7, SINCE, place="slack:T2:"))
    give(db, ask(db, 8, SINCE, place=""))
    week = Weeks(db).of(PLACE, SINCE)
    assert (week.questions, week.good, week.bad, week.median) == (0, 0, 0, None)


@pytest.mark.parametrize(("seconds", "median"), [([3], 3), ([1, 9], 5), ([9, 1, 2], 2), ([-5], 0)])
def test_time_to_the_answer_is_the_median(
    db: Database, seconds: list[float], median: float
) -> None:
    for n, each in enumerate(seconds):
        ask(db, n, SINCE, seconds=each)
    assert Weeks(db).of(PLACE, SINCE).median == timedelta(seconds=median)


def give(
    db: Database,
    answer_id: str,
    verdict: Verdict = Verdict.UP,
    by: str = "U1",
    kind: InputKind = InputKind.BUTTON,
    at: datetime = SINCE,
    **more: bool,
) -> None:
    Ratings(db).give(RatingInput(answer_id, by, kind, verdict, at, **more))


def test_each_person_counts_once_for_each_answer_with_what_they_said_last(db: Database) -> None:
    first, second = ask(db, 1, SINCE), ask(db, 2, SINCE)
    give(db, first, Verdict.UP)
    give(db, first, Verdict.DOWN, kind=InputKind.THUMB_DOWN, at=SINCE + timedelta(hours=1))
    give(db, first, Verdict.UP, by="U2")
    give(db, second, Verdict.UP, stands=False)
    give(db, second, Verdict.UP, by="U3", waiting=True)
    week = Weeks(db).of(PLACE, SINCE)
    assert (week.good, week.bad) == (1, 1)


def test_corrections_are_counted_until_they_are_taken_back(db: Database) -> None:
    answer_id = ask(db, 1, SINCE)
    Ratings(db).correct(Correction(answer_id, "U1", SINCE, "31 days"))
    assert Weeks(db).of(PLACE, SINCE).corrections == 1
    (waiting,) = Waiting(db).corrections(PLACE, SINCE, 5)
    assert (waiting.correction.text, waiting.question.id) == ("31 days", f"{PLACE}C1:1")
    assert Waiting(db).corrections("slack:T2:", SINCE, 5) == []

    Ratings(db).take_back(answer_id, "U1", SINCE)
    assert Weeks(db).of(PLACE, SINCE).corrections == 0
    assert Waiting(db).corrections(PLACE, SINCE, 5) == []


def test_weeks_and_what_waits_are_found_by_an_index(db: Database) -> None:
    def work(db: Database) -> None:
        Weeks(db).of(PLACE, SINCE)
        Waiting(db).failed_sources("T1", 5)
        Waiting(db).corrections(PLACE, SINCE, 5)
        Waiting(db).cards(PLACE, 5)

    for n in range(50):
        give(db, ask(db, n, SINCE - timedelta(days=n)), at=SINCE - timedelta(days=n))
    assert full_scans(db, work) == {}
