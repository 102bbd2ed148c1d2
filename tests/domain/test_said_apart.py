"""A not, a price or a number of something else denies nothing of what was said."""

import pytest

from domain.said import Said, said_by
from domain.support.check import Checker
from tests.domain.build import passage


@pytest.mark.parametrize(
    ("shown", "right", "wrong"),
    [
        (
            "Gift vouchers are never turned into cash; they are valid for three years.",
            "Gift vouchers are good for three years.",
            "Gift vouchers are good for five years.",
        ),
        (
            "A near miss is not a fault; the best card of the month wins a cake for the team.",
            "The best card wins a cake for the team.",
            "The best card wins no cake for the team.",
        ),
        (
            "A demo ride is free and lasts 45 minutes.",
            "A demo ride takes 45 minutes.",
            "A demo ride takes 25 minutes.",
        ),
        (
            "Each new parent may borrow a cradle free of charge for three months.",
            "New parents can borrow a cradle for three months.",
            "New parents can not borrow a cradle for three months.",
        ),
        (
            "An orphan is a bike that nobody has fetched 90 days after it was finished.",
            "A finished bike is an orphan after 90 days.",
            "A finished bike is an orphan after 60 days.",
        ),
        (
            "Without a reading we estimate the use from the last two years.",
            "The use is estimated from the last two years.",
            "The use is estimated from the last three years.",
        ),
        (
            "No workshop keeps more than 20 litres of solvent.",
            "A workshop keeps 20 litres of solvent at most.",
            "A workshop keeps more than 20 litres of solvent.",
        ),
        (
            "Everyone has 27 days of holiday. After two years you get one day more, up to 32.",
            "You get 27 days of holiday.",
            "You get 25 days of holiday.",
        ),
        (
            "Part | Torque\nPedals | 35 Nm\nAxle nuts | 40 Nm\nThe stem is tightened to 5 Nm.",
            "Pedals are tightened to 35 Nm.",
            "Pedals are tightened to 40 Nm.",
        ),
    ],
)
def test_what_a_passage_denies_or_counts_of_another_thing_is_not_held_against_a_right_sentence(
    shown: str, right: str, wrong: str
) -> None:
    shown_passages = (passage(shown),)
    assert said_by(right, shown_passages, "") is Said.SAID
    assert said_by(wrong, shown_passages, "") is not Said.SAID


@pytest.mark.parametrize(
    ("shown", "said", "is_said"),
    [
        ("Parking is free for guests.", "Guests pay for parking.", False),
        ("Guests pay for parking.", "Parking is free for guests.", False),
        ("Parking is free for guests.", "Guests do not pay for parking.", True),
        ("Parking is free for guests.", "Parking is not free for guests.", False),
        ("The child has been free of fever.", "The child has been without fever.", True),
        ("You are free to leave the hall.", "You may leave the hall.", True),
    ],
)
def test_free_is_the_opposite_of_paid_and_of_nothing_else(
    shown: str, said: str, *, is_said: bool
) -> None:
    assert (said_by(said, (passage(shown),), "") is Said.SAID) == is_said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Dogs are not allowed in the ward, and cats stay at home.", "Dogs are allowed."),
        ("Do not open the lid; switch off the pump.", "Open the lid and switch off the pump."),
        ("Smoking is not allowed, vaping is.", "Smoking is allowed."),
        ("Staff that do not wear a badge are sent home.", "Staff that wear a badge are sent home."),
        ("Without a badge nobody gets in.", "Everybody gets in without a badge."),
    ],
)
def test_a_not_of_the_same_thing_still_denies(shown: str, said: str) -> None:
    assert said_by(said, (passage(shown),), "") is not Said.SAID


@pytest.mark.parametrize(
    ("shown", "right", "wrong"),
    [
        (
            "Beans rest four days before they are packed, blends ten.",
            "Blends rest ten days before they are packed.",
            "Blends rest four days before they are packed.",
        ),
        (
            "Work is charged at £58 an hour. A basic service is £79, and a wheel is £65.",
            "Work is charged at £58 an hour.",
            "Work is charged at £65 an hour.",
        ),
        (
            "The ride takes 45 minutes. Riders must be at least 21.",
            "The ride takes 45 minutes, and riders must be at least 21 years old.",
            "The ride takes 21 minutes, and riders must be at least 45 years old.",
        ),
        (
            "Guests get water only, since coffee ruins the desk.",
            "Guests get water; coffee is not served.",
            "Guests get coffee; water is not served.",
        ),
        (
            "Only the warden opens the gate.",
            "The gate is opened by the warden and nobody else.",
            "The gate is not opened by the warden.",
        ),
        (
            "We do not tattoo anybody under 18.",
            "Under-18s are not tattooed.",
            "Under-16s are not tattooed.",
        ),
        (
            "Employees need not answer calls in their free time.",
            "You don't have to answer calls when you are off.",
            "You have to answer calls when you are off, even if you aren't on duty.",
        ),
    ],
)
def test_numbers_without_their_unit_and_what_is_so_only_of_one_thing_are_understood(
    shown: str, right: str, wrong: str
) -> None:
    checker = Checker([passage(shown)])
    assert all(one.supported for one in checker.check(right))
    assert not all(one.supported for one in checker.check(wrong))


_WARRANTY = """Part | Private owner | Commercial use
Frame and fork, bike registered | 10 years | 5 years
Frame and fork, not registered | 5 years | 3 years
Paint | 3 years | 1 year

To get the longer frame warranty the owner must register the bike within 60 days of delivery."""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10 years if the bike is registered", Said.SAID),
        ("5 years if it is not registered", Said.SAID),
        ("10 years if the bike is registered, otherwise 5 years.", Said.SAID),
        ("12 years if the bike is registered", Said.DENIED),
    ],
)
def test_all_cells_of_a_row_are_told_of_its_first_one(text: str, said: Said) -> None:
    """However many words of the question stand around a number of the text below the table."""
    shown = (passage(_WARRANTY, title="Warranty › What we promise"),)
    found = said_by(text, shown, "How long is the frame warranty?")
    assert found is said
