"""What is said in other words is supported, and what is said otherwise is not, in each pair."""

from itertools import permutations, product

import pytest

from domain.support.check import Checker
from tests.domain.build import passage

OPPOSITES = [
    (
        "permission",
        """Food may be taken into the archive.
        Food is allowed in the archive.
        You can take food into the archive.
        Taking food into the archive is permitted.""",
        """Food may not be taken into the archive.
        No food may be taken into the archive.
        Food is banned from the archive.
        The archive is off limits for food.
        Taking food into the archive is ruled out.
        Food must be kept out of the archive.
        Visitors must refrain from taking food into the archive.""",
    ),
    (
        "duty",
        """A deposit is required for the boat.
        You have to pay a deposit for the boat.
        A deposit is mandatory for the boat.
        The boat is only handed over with a deposit.""",
        """No deposit is required for the boat.
        A deposit is optional for the boat.
        A deposit for the boat is voluntary.
        A deposit for the boat is waived.
        The boat is exempt from a deposit.
        You needn't pay a deposit for the boat.""",
    ),
    (
        "charge",
        """Guests have to pay for parking.
        Parking is charged for guests.
        Parking costs money for guests.""",
        """Parking is free of charge for guests.
        Guests pay nothing for parking.
        Parking is complimentary for guests.
        Guests are exempt from the parking fee.""",
    ),
    (
        "restriction",
        """Only members may use the sauna.
        The sauna is open to members only.
        Non-members may not use the sauna.
        Guests who are not members cannot use the sauna.""",
        """Also non-members may use the sauna.""",
    ),
    (
        "exception",
        """All rooms except the library are cleaned daily.
        Apart from the library, all rooms are cleaned daily.
        Every room is cleaned daily, with the exception of the library.""",
        """The library is cleaned daily.""",
    ),
    (
        "habit",
        """The porter collects old batteries.
        Old batteries are collected by the porter.""",
        """The porter never collects old batteries.
        Old batteries are turned away by the porter.
        The porter stopped collecting old batteries.""",
    ),
    (
        "limit",
        """The lease must last at least 14 days.
        The lease must last no less than two weeks.
        The lease must last fourteen days as a minimum.
        The lease has to last for 14 days or longer.""",
        """The lease must last at most 14 days.
        The maximum lease is 14 days.
        The lease lasts 14 days at the most.
        The lease must not exceed 14 days.""",
    ),
]
"""Two ways to see a thing, each in several wordings."""

VALUES = [
    (
        "time of day",
        """The gate opens at 17:00.
        The gate opens at 5:00 PM.
        The gate opens at five o'clock in the afternoon.""",
        """The gate opens at 15:00.
        The gate opens at 5 am.""",
    ),
    (
        "how often",
        """The tank is cleaned every two weeks.
        The tank is cleaned every other week.
        The tank is cleaned every second week.
        The tank is cleaned fortnightly.""",
        """The tank is cleaned every week.
        The tank is cleaned twice a week.
        The tank is cleaned every three weeks.""",
    ),
    (
        "days of the week",
        """The lab is open from Monday to Friday.
        The lab is open on weekdays.
        The lab is open Mon–Fri.""",
        """The lab is open from Monday to Thursday.
        The lab is open on weekends.""",
    ),
    (
        "share",
        """Half of the fee is refunded.
        50% of the fee is refunded.
        Fifty per cent of the fee is refunded.""",
        """A third of the fee is refunded.
        15% of the fee is refunded.""",
    ),
    (
        "price",
        """A visit costs 1,200 euros.
        A visit costs €1200.
        A visit costs EUR 1,200.""",
        """A visit costs 1,300 euros.
        A visit costs 12,000 euros.""",
    ),
    (
        "duration",
        """The talk lasts 90 minutes.
        The talk lasts an hour and 30 minutes.
        The talk lasts 1½ hours.
        The talk lasts 1 h 30 min.""",
        """The talk lasts two hours.
        The talk lasts half an hour.""",
    ),
    (
        "date",
        """The form is due on 3 March.
        The form is due on the 3rd of March.
        The form is due on the third of March.""",
        """The form is due on 3 May.
        The form is due on 13 March.""",
    ),
    (
        "count",
        """The locker has two keys.
        There are two keys to the locker.""",
        """The locker has one key.
        There is one key to the locker.""",
    ),
]
"""A number in several wordings, and other numbers."""


def supports(shown: str, said: str) -> bool:
    (told,) = Checker([passage(shown)]).check(said)
    return told.supported


def wordings(side: str) -> list[str]:
    return [line.strip() for line in side.splitlines()]


@pytest.mark.parametrize("side", [side for _, *sides in OPPOSITES for side in sides])
def test_each_wording_of_a_side_supports_the_others(side: str) -> None:
    assert [pair for pair in permutations(wordings(side), 2) if not supports(*pair)] == []


@pytest.mark.parametrize("side", [side for _, side, _ in VALUES])
def test_each_wording_of_a_number_supports_the_others(side: str) -> None:
    assert [pair for pair in permutations(wordings(side), 2) if not supports(*pair)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [sides for _, *sides in (*OPPOSITES, *VALUES)],
    ids=[name for name, *_ in (*OPPOSITES, *VALUES)],
)
def test_no_wording_supports_one_of_the_other_side(one: str, other: str) -> None:
    ours, theirs = wordings(one), wordings(other)
    unlike = [*product(ours, theirs), *product(theirs, ours)]
    assert [pair for pair in unlike if supports(*pair)] == []
