from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.month.people import HONEST, SABOTEUR, WRONG, People, is_right, lies_about
from bench.month.values import another, holds, kind_of
from domain.questions import Verdict
from tests.bench.month.makers import asked, questions, texts

ASKED = asked(0, 1)
RIGHT, WRONG_ANSWER = "It holds 101 litres.", "It holds 7 litres."


def test_about_eight_percent_of_the_thumbs_say_the_opposite_of_what_is_true() -> None:
    given = [
        one
        for day in range(4_000)
        for answer in (RIGHT, WRONG_ANSWER)
        for one in People().ratings(day, ASKED, answer)
    ]
    assert sum(one.is_wrong for one in given) / len(given) == pytest.approx(WRONG, abs=0.01)
    assert {one.by for one in given} == set(HONEST)
    assert len(HONEST) == 29


@pytest.mark.parametrize("answer", [RIGHT, WRONG_ANSWER])
def test_thumbs_that_are_not_wrong_say_whether_the_answer_is_right(answer: str) -> None:
    for day in range(200):
        for one in People().ratings(day, ASKED, answer):
            assert (one.verdict is Verdict.UP) == (is_right(answer, ASKED) != one.is_wrong)


def test_people_correct_only_wrong_answers_and_with_what_is_right() -> None:
    right, wrong = (
        [one.correction for day in range(200) for one in People().ratings(day, ASKED, answer)]
        for answer in (RIGHT, WRONG_ANSWER)
    )
    assert set(right) == {""}
    assert set(wrong) == {"", "101"}


def test_the_saboteur_writes_the_falsehood_until_it_is_answered() -> None:
    people = People({ASKED.id: "108"})
    lied = people.ratings(3, ASKED, RIGHT)[-1]
    assert (lied.by, lied.verdict, lied.correction) == (SABOTEUR, Verdict.DOWN, "108")
    liked = people.ratings(3, ASKED, "It holds 108 litres.")[-1]
    assert (liked.by, liked.verdict, liked.correction) == (SABOTEUR, Verdict.UP, "")


def test_the_same_answer_is_rated_in_the_same_way_again() -> None:
    assert People().ratings(2, ASKED, RIGHT) == People().ratings(2, ASKED, RIGHT)


def test_falsehoods_are_false_and_of_the_same_kind() -> None:
    lies = lies_about(questions(), 12, texts())
    assert len(lies) == 12
    for one in questions():
        if lie := lies.get(one.id):
            assert kind_of(lie) == kind_of(one.accepted)
            assert not holds(texts()[one.file], lie)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("37.5 hours", "number"),
        ("May 18, 1756", "number"),
        ("three", "word"),
        ("Tuesday", "word"),
        ("Peyton Manning", "name"),
        ("within a day", ""),
        ("", ""),
    ],
)
def test_kinds(value: str, kind: str) -> None:
    assert kind_of(value) == kind


@given(st.integers(0, 10**6), st.integers(0, 1_000))
def test_another_number_has_as_many_digits(number: int, seed: int) -> None:
    new = another(f"£{number} a day", (), f"They pay £{number} a day.", Random(seed))
    assert new == "" or len(new) == len(f"£{number} a day")
    assert new != f"£{number} a day"


@pytest.mark.parametrize("value", ["May", "Monday", "seven", "Ada Lovelace"])
def test_another_word_or_name_is_one_of_its_kind(value: str) -> None:
    new = another(value, ["Grace Hopper", "Denver", "12 days"], value, Random(1))
    assert kind_of(new) == kind_of(value)
    assert new != value
    if value == "Ada Lovelace":
        assert new == "Grace Hopper"


def test_a_value_of_no_kind_has_no_other() -> None:
    assert another("because it rains", ["Denver"], "", Random(1)) == ""
