from dataclasses import replace
from datetime import datetime

import pytest

from domain.questions import Answer, Fault
from domain.ratings import Correction
from records.adapters import Adapters
from records.answers import Answers
from records.asked_again import AskedAgain
from records.database import Database
from records.ratings import Ratings
from records.sources import Sources
from tests.records.makers import adapter, answer, later, question, source


@pytest.fixture
def again(db: Database) -> AskedAgain:
    return AskedAgain(db)


def corrected(db: Database, n: int, at: datetime, **wrote: object) -> Answer:
    Answers(db).ask(question(n))
    kept = Answers(db).record(answer(question(n)))
    Ratings(db).correct(replace(Correction(kept.id, "U2", at, "31 days"), **wrote))  # type: ignore[arg-type]
    return kept


def test_change_is_the_latest_reading_or_promotion(db: Database, again: AskedAgain) -> None:
    assert again.changed_at() is None
    Sources(db).save(replace(source(), updated_at=later(5)))
    assert again.changed_at() == later(5)
    Adapters(db).add(adapter())
    Adapters(db).promote("night-1", later(9))
    assert again.changed_at() == later(9)


def test_corrections_from_before_the_change_wait_in_order(db: Database, again: AskedAgain) -> None:
    first, second = corrected(db, 1, later(2)), corrected(db, 2, later(1))
    corrected(db, 3, later(30))
    assert again.to_ask("slack:T1:", later(10), 9) == [(second.id, "U2"), (first.id, "U2")]
    assert again.to_ask("slack:T1:", later(10), 1) == [(second.id, "U2")]
    again.asked(second.id, "U2", later(12))
    assert again.to_ask("slack:T1:", later(10), 9) == [(first.id, "U2")]
    assert again.to_ask("slack:T1:", later(20), 9) == [(first.id, "U2"), (second.id, "U2")]
    assert (again.count_since(later(12)), again.count_since(later(13))) == (1, 0)


def test_only_what_a_later_answer_can_be_judged_by_waits(db: Database, again: AskedAgain) -> None:
    faults = (None, Fault.WRONG, Fault.OUTDATED, Fault.INCOMPLETE, Fault.WRONG_SOURCE)
    kept = {
        fault: corrected(db, n, later(1), text="", fault=fault, source="/x").id
        for n, fault in enumerate(faults)
    }
    waiting = {answer_id for answer_id, _ in again.to_ask("slack:T1:", later(10), 9)}
    assert waiting == {kept[Fault.OUTDATED], kept[Fault.INCOMPLETE]}


def test_what_was_asked_elsewhere_does_not_wait(db: Database, again: AskedAgain) -> None:
    corrected(db, 1, later(1))
    assert again.to_ask("slack:T2:", later(10), 9) == []


def test_person_is_told_once(db: Database, again: AskedAgain) -> None:
    key = corrected(db, 1, later(1)).id, "U2"
    assert [again.tell(*key, later(5)) for _ in range(2)] == [True, False]
    assert again.was_told(*key)
    assert again.to_ask("slack:T1:", later(10), 9) == []
    again.untold(*key)
    assert not again.was_told(*key)
    assert again.to_ask("slack:T1:", later(10), 9) == [key]


def test_changed_correction_is_asked_about_again_and_one_taken_back_is_not(
    db: Database, again: AskedAgain
) -> None:
    key = corrected(db, 1, later(1)).id, "U2"
    again.asked(*key, later(20))
    assert again.to_ask("slack:T1:", later(10), 9) == []
    Ratings(db).correct(Correction(*key, later(2), "32 days"))
    assert again.to_ask("slack:T1:", later(10), 9) == [key]
    Ratings(db).take_back(*key, later(3))
    assert again.to_ask("slack:T1:", later(10), 9) == []


def test_it_is_quiet_if_nobody_asked_lately(db: Database, again: AskedAgain) -> None:
    assert again.is_quiet(later(0))
    Answers(db).ask(question(5))
    assert again.is_quiet(later(6))
    assert not again.is_quiet(later(5))
