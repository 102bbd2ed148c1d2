"""A number that no passage has may follow from those that it has, or be what was asked of."""

import pytest

from domain.support.check import Checker
from tests.domain.build import passage


@pytest.mark.parametrize(
    ("shown", "right", "wrong"),
    [
        (
            "The ferry to Orm takes 55 minutes.",
            "The ferry to Orm takes nearly an hour.",
            "The ferry to Orm takes more than an hour.",
        ),
        (
            "The archive holds 312 maps.",
            "The archive holds more than three hundred maps.",
            "The archive holds about four hundred maps.",
        ),
        (
            "The meters are read every 6 months.",
            "The meters are read twice a year.",
            "The meters are read three times a year.",
        ),
        (
            "Full members pay 84 euros, friends of the club pay 30 euros.",
            "Friends of the club pay 54 euros less than full members.",
            "Friends of the club pay 64 euros less than full members.",
        ),
        (
            "The part costs 68 euros, and the work costs 75 euros.",
            "The part and the work cost 143 euros in total.",
            "The part and the work cost 153 euros in total.",
        ),
        (
            "The pump ran from 8:00 to 10:00.",
            "The pump ran from 8:00 to 10:00.",
            "The pump ran until 18:00 in total.",
        ),
    ],
)
def test_numbers_are_reckoned_from_those_of_the_sentence(
    shown: str, right: str, wrong: str
) -> None:
    checker = Checker([passage(shown)])
    assert [one.supported for one in checker.check(f"{right} {wrong}")] == [True, False]


@pytest.mark.parametrize(
    ("shown", "asked", "said", "is_supported"),
    [
        (
            "A stay is cancelled free of charge up to 21 days before the arrival.",
            "Can I cancel 4 weeks before the arrival?",
            "A stay cancelled four weeks before the arrival is free of charge.",
            True,
        ),
        (
            "The deposit for a bike is 60 euros.",
            "Is the deposit for a bike 50 euros?",
            "The deposit for a bike is 50 euros.",
            False,
        ),
        (
            "The deposit for a bike is 60 euros.",
            "Is the deposit for a bike 50 euros?",
            "Yes, the deposit for a bike is 50 euros.",
            False,
        ),
        (
            "In August no fee is charged.",
            "Do I pay a fee in August?",
            "A fee is charged in August.",
            False,
        ),
    ],
)
def test_a_number_of_the_question_is_no_claim_unless_the_sentence_has_another_one(
    shown: str, asked: str, said: str, *, is_supported: bool
) -> None:
    (told,) = Checker([passage(shown)], asked).check(said)
    assert told.supported == is_supported


@pytest.mark.parametrize(
    ("shown", "asked", "right", "wrong"),
    [
        (
            "Ladders of the house are not used, we bring ours.",
            "May we use the ladders of the house?",
            "No, we come with equipment of our own.",
            "Yes, we come without equipment of our own.",
        ),
        (
            "The show lasts 50 minutes without an interval.",
            "Is there an interval?",
            "No, it is played in one go.",
            "Yes, but it is not played in one go.",
        ),
        (
            "Visitors may bring dogs into the garden.",
            "May I bring my dog into the garden?",
            "Yes, you are welcome with an animal.",
            "No, you are not welcome with an animal.",
        ),
    ],
)
def test_a_yes_or_no_is_understood_with_its_question(
    shown: str, asked: str, right: str, wrong: str
) -> None:
    checker = Checker([passage(shown)], asked)
    assert [one.supported for one in (*checker.check(right), *checker.check(wrong))] == [
        True,
        False,
    ]
