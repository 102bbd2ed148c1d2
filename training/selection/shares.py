"""Chooses a night's rows so that nobody gives more than a fifth of them, however others behave.

From three raters on, nobody gives more than a fifth of the rows, of their weight in the loss, or of
the corrections. What three people agree on is nobody's. What two agree on counts for both of them,
so that two accounts can do no more than one; but who has given a fifth already takes away no room
from the other. Of the corrections only those count that one person alone wrote, and that no passage
contains word for word: what the documents say themselves is limited with all rows only.

A fifth of what? Of the rows that are chosen, so the limits follow from the choice and the choice
from the limits. They begin with all rows, and are lowered until what they let in carries them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.adapters import Example, Origin
from training.selection.left_out import LeftOut
from training.selection.weights import units

FIFTH = 5
"""Nobody gives more than one of so many rows."""

FEWEST_RATERS = 3
"""With fewer raters there is no limit, so that a team can begin."""


@dataclass(frozen=True, slots=True)
class Night:
    """What a night has room for.

    ``room``: in tokens. ``size`` says how many a row takes. ``is_right`` says whether a row may be
    trained on, which takes long to find out. ``starters`` says how many rows of nobody are added to
    so many of people.
    """

    raters: int
    room: int
    size: Callable[[Example], int]
    is_right: Callable[[Example], bool] = lambda _: True
    starters: Callable[[int], int] = lambda _: 0


@dataclass(slots=True)
class Chosen:
    """The rows in the order in which they were given, those left out, and what each person gave."""

    rows: list[Example] = field(default_factory=list)
    left_out: list[tuple[LeftOut, Example]] = field(default_factory=list)
    given: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Limits:
    """The most that one person may give: rows, weight, and corrections of their own."""

    rows: float
    weight: float
    corrections: float

    def carried_by(self, other: "_Limits") -> bool:
        return (
            self.rows <= other.rows
            and self.weight <= other.weight
            and self.corrections <= other.corrections
        )

    def lowered_to(self, other: "_Limits") -> "_Limits":
        return _Limits(
            min(self.rows, other.rows),
            min(self.weight, other.weight),
            min(self.corrections, other.corrections),
        )


def choose(rows: Sequence[Example], night: Night) -> Chosen:
    """The rows that a night trains on, of ``rows``, of which the most telling come first."""
    if night.raters < FEWEST_RATERS:
        return _within(rows, night, _Limits(len(rows), 2 * len(rows), len(rows)))
    limits = _limits(rows, night)
    while True:
        found = _within(rows, night, limits)
        carried = _limits(found.rows, night)
        if limits.carried_by(carried):
            return found
        limits = limits.lowered_to(carried)


def shares(found: Chosen, starters: int = 0) -> Mapping[str, float]:
    """What share of all rows each person gave, from 0 to 1; ``starters`` of them are nobody's."""
    whole = len(found.rows) + starters
    return {person: n / whole for person, n in sorted(found.given.items()) if n}


def _limits(rows: Sequence[Example], night: Night) -> _Limits:
    """A fifth of what these rows are, together with those that are nobody's."""
    weight, starters = sum(map(units, rows)), night.starters(len(rows))
    whole = weight + (starters * weight // len(rows) if rows else 0)
    corrections = sum(row.origin is Origin.CORRECTION for row in rows)
    return _Limits((len(rows) + starters) // FIFTH, whole // FIFTH, corrections // FIFTH)


def _within(rows: Iterable[Example], night: Night, limits: _Limits) -> Chosen:
    """As many of the rows as the limits and the night have room for."""
    found = Chosen()
    weight: Counter[str] = Counter()
    corrections: Counter[str] = Counter()
    room, is_full = night.room, False
    for row in rows:
        people = row.by if len(row.by) < FEWEST_RATERS else ()
        counts = units(row)
        able = [
            person
            for person in people
            if found.given[person] < limits.rows and weight[person] + counts <= limits.weight
        ]
        alone = people if row.origin is Origin.CORRECTION and len(people) == 1 else ()
        if people and not able:
            found.left_out.append((LeftOut.CAPPED, row))
        elif any(corrections[person] >= limits.corrections for person in alone):
            found.left_out.append((LeftOut.ALONE, row))
        elif is_full or (size := night.size(row)) > room:
            is_full = True  # what is older does not come before it, though it may be shorter
            found.left_out.append((LeftOut.NO_ROOM, row))
        elif not night.is_right(row):
            found.left_out.append((LeftOut.UNGROUNDED, row))
        else:
            room -= size
            found.rows.append(row)
            found.given.update(able)
            weight.update(dict.fromkeys(able, counts))
            corrections.update(alone)
    return found
