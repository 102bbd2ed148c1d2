from dataclasses import replace

import pytest

from domain.errors import NotFound, RecordsError
from domain.golden import MOST, Golden, id_of
from domain.questions import Message
from records.database import Database
from records.forgetting import Forgetting
from records.golden import GoldenQuestions
from tests.records.makers import later


def golden(n: int = 1, answer: str = "10 years", by: str = "U1") -> Golden:
    question = f"How long is warranty {n}?"
    turns = (Message("user", "Hello \x00"), Message("assistant", "Hello!"))
    return Golden(id_of(question, turns), question, answer, ("5 years",), turns, by, later(n))


def test_golden_questions_are_kept_exactly_and_in_order(db: Database) -> None:
    kept = GoldenQuestions(db)
    assert kept.add([golden(2), golden(1)]) == 2
    assert kept.all() == [golden(1), golden(2)]


def test_adding_a_known_one_again_adds_nothing(db: Database) -> None:
    kept = GoldenQuestions(db)
    kept.add([golden(1)])
    assert kept.add([replace(golden(1), by="U2", at=later(9)), golden(2), golden(2)]) == 1
    assert kept.all() == [golden(1), golden(2)]


def test_known_question_with_another_answer_is_refused_and_nothing_is_added(db: Database) -> None:
    kept = GoldenQuestions(db)
    kept.add([golden(1)])
    with pytest.raises(RecordsError, match=rf"remove that first .*{golden(1).id}"):
        kept.add([golden(2), golden(1, "3 years")])
    with pytest.raises(RecordsError, match="there twice, with different answers"):
        kept.add([golden(2), golden(2, "3 years")])
    assert kept.all() == [golden(1)]


def test_more_than_a_night_asks_are_refused(db: Database) -> None:
    kept = GoldenQuestions(db)
    kept.add([golden(n) for n in range(MOST - 1)])
    with pytest.raises(RecordsError, match="there are 199, and 9,801 would be added"):
        kept.add([golden(n) for n in range(10_000 - 1, 198, -1)])
    kept.add([golden(MOST)])
    assert len(kept.all()) == MOST


def test_all_are_removed_or_none(db: Database) -> None:
    kept = GoldenQuestions(db)
    kept.add([golden(1), golden(2)])
    with pytest.raises(NotFound):
        kept.remove([golden(1).id, "g0"])
    assert len(kept.all()) == 2
    kept.remove([golden(1).id, golden(1).id])
    assert kept.all() == [golden(2)]


def test_golden_question_of_a_forgotten_person_stays_without_the_name(db: Database) -> None:
    GoldenQuestions(db).add([golden(1, by="U1"), golden(2, by="U2")])
    assert Forgetting(db).find_person("U1")
    assert Forgetting(db).delete_person("U1").requests == 1
    assert Forgetting(db).find_person("U1") is None
    assert GoldenQuestions(db).all() == [golden(1, by=""), golden(2, by="U2")]
