"""What a heading or the sentence before names is what the sentences below it are told of."""

import pytest

from domain.support.check import Checker
from tests.domain.build import passage

RANGE = """The range

Heron
The Heron is a folding bike for commuters. It costs £2,100 and weighs 14 kg. It is 60 cm wide.

Egret
The Egret is a bike for two. It costs £3,400 and weighs 25 kg.
Lettering on the box | Heron, Egret | £95
"""
HIRE = """Hire

Bike | One day | Weekend
Heron | £25 | £45
Egret | £40 | £75

A trailer costs £9 a day.
"""


@pytest.mark.parametrize(
    ("title", "text", "question", "right", "wrong"),
    [
        (
            "The range › Bikes",
            RANGE,
            "How much is an Egret?",
            "An Egret costs £3,400.",
            "An Egret costs £2,100.",
        ),
        (
            "Rides and hire bikes › Hire",
            HIRE,
            "what does it cost to hire a Heron for a day?",
            "It costs £25 to hire a Heron for a day.",
            "It costs £40 to hire a Heron for a day.",
        ),
    ],
)
def test_number_below_the_name_of_its_thing_is_supported_and_that_of_another_is_not(
    title: str, text: str, question: str, right: str, wrong: str
) -> None:
    checker = Checker([passage(text, title=title)], question)
    assert [one.supported for one in checker.check(right)] == [True]
    assert [one.supported for one in checker.check(wrong)] == [False]
