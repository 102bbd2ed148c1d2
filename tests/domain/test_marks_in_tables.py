"""The yes or no of a cell is told of what its row and its column name."""

import pytest

from domain.support.check import Checker
from tests.domain.build import passage

ASKED = "Which perks do part-time staff get?"


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("yes", "no"),
        ("✓", "✗"),
        ("✅", "❌"),
        ("✓", "x"),
        ("x", "-"),
        ("X", ""),
        ("●", "○"),
        ("○", "×"),
        ("Ja", "Nein"),
        ("oui", "non"),
        ("sí", "no"),
    ],
)
def test_a_mark_is_told_of_its_row_and_its_column(yes: str, no: str) -> None:
    table = (
        "| Perk | Full-time | Part-time |\n|---|---|---|\n"
        f"| Gym | {yes} | {no} |\n| Parking | {no} | {yes} |"
    )
    told = Checker([passage(table, title="Perks")], ASKED).check(
        "Full-time staff get the gym. Parking is for part-time staff. "
        "Part-time staff do not get the gym. "
        "Part-time staff get the gym. Parking is for full-time staff."
    )
    assert [one.supported for one in told] == [True, True, True, False, False]


def test_what_the_question_names_tells_of_which_column_few_words_are() -> None:
    table = "Perk | Full-time | Part-time\nGym | yes | no\nParking | no | yes"
    told = Checker([passage(table)], ASKED).check("Parking.\nThe gym.")
    assert [one.supported for one in told] == [True, False]


def test_a_column_of_marks_stands_beside_one_of_numbers() -> None:
    table = "Room | Projector | Seats\nA | yes | 10\nB | no | 20"
    told = Checker([passage(table)]).check(
        "Room A has a projector. Room B has 20 seats. Room B has a projector. Room A has 20 seats."
    )
    assert [one.supported for one in told] == [True, True, False, False]


def test_a_dash_says_nothing_in_a_column_without_marks() -> None:
    table = "Port | Rest days | Fee\nRotterdam | 7 | -\nAntwerp | - | 20 €"
    told = Checker([passage(table)]).check("Rotterdam has 7 rest days. The fee of Antwerp is 20 €.")
    assert [one.supported for one in told] == [True, True]
