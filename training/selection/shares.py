"""Chooses a night's rows so that nobody gives more than a fifth of them, however others behave.

From three raters on, nobody gives more than a fifth of the rows, of their weight in the loss, or of
the corrections. What several people agree on counts for that one of them who has given least: so
two people can give two fifths, whether they agree or not. But the same few give no more than a
fifth together, so that two accounts can do no more than one. What five agree on, or most of the
raters if these are three or more, is nobody's.

Of the corrections only those count that one person alone wrote, and that no passage contains word
for word: what the documents say themselves is limited with all rows only.

A fifth of what? Of the rows that are chosen, so the limits follow from the choice and the choice
from the limits. They begin with all rows, and are lowered until what they let in carries them.

Of the rows that models are compared on nobody gives more than a fifth either, or than somebody else
gives, so that nobody alone decides what is better.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from domain.adapters import Example, Origin
from training.selection.left_out import LeftOut
from training.selection.weights import units

FIFTH = 5
"""Nobody gives more than one of so many rows."""

FEWEST_RATERS = 3
"""With fewer raters there is no limit, so that a team can begin."""

_Account = tuple[str, ...]
"""A person, or the same few people; what they give is counted."""


@dataclass(frozen=True, slots=True)
class Night:
    """What a night has room for.

    ``room``: in tokens. ``size`` says how many a row takes. ``why_not`` says why a row may not be
    trained on, which takes long to find out. ``starters`` says how many rows of nobody are added to
    so many of people.
    """

    raters: int
    room: int
    size: Callable[[Example], int]
    why_not: Callable[[Example], LeftOut | None] = lambda _: None
    starters: Callable[[int], int] = lambda _: 0


@dataclass(slots=True)
class Chosen:
    """The rows in the order in which they were given, those left out, and what counts for whom."""

    rows: list[Example] = field(default_factory=list)
    left_out: list[tuple[LeftOut, Example]] = field(default_factory=list)
    given: Counter[_Account] = field(default_factory=Counter)


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
        return _within(rows, night, _rows_only(len(rows)))
    limits = _limits(rows, night)
    while True:
        found = _within(rows, night, limits)
        carried = _limits(found.rows, night)
        if limits.carried_by(carried):
            return found
        limits = limits.lowered_to(carried)


def choose_to_compare(
    rows: Sequence[Example],
    raters: int,
    most: int,
    why_not: Callable[[Example], LeftOut | None] = lambda _: None,
) -> Chosen:
    """The rows that models are compared on, of ``rows``, of which the most telling come first.

    There are ``most`` at most. From three raters on, nobody gives more than a fifth of them, or
    than whoever gives second most, or than one: no starter rows are compared on, and a team of
    three or four could not compare otherwise.
    """
    night = Night(raters, most, lambda _: 1, why_not)
    if raters < FEWEST_RATERS:
        return _within(rows, night, _rows_only(len(rows)))
    limit = max(most // FEWEST_RATERS, 1)
    while True:
        found = _within(rows, night, _rows_only(limit))
        carried = max(len(found.rows) // FIFTH, _second_most(found.given), 1)
        if limit <= carried:
            return found
        limit = carried


def shares(found: Chosen, starters: int = 0) -> Mapping[str, float]:
    """What share of all rows counts for each person, from 0 to 1; ``starters`` are nobody's."""
    whole = len(found.rows) + starters
    return {who[0]: n / whole for who, n in sorted(found.given.items()) if len(who) == 1}


def _limits(rows: Sequence[Example], night: Night) -> _Limits:
    """A fifth of what these rows are, together with those that are nobody's."""
    weight, starters = sum(map(units, rows)), night.starters(len(rows))
    whole = weight + (starters * weight // len(rows) if rows else 0)
    corrections = sum(row.origin is Origin.CORRECTION for row in rows)
    return _Limits((len(rows) + starters) // FIFTH, whole // FIFTH, corrections // FIFTH)


def _rows_only(most: float) -> _Limits:
    return _Limits(most, inf, inf)


def _second_most(given: Counter[_Account]) -> int:
    """How many rows that person gives who gives second most."""
    alone = sorted((n for who, n in given.items() if len(who) == 1), reverse=True)
    return alone[1] if len(alone) > 1 else 0


def _within(rows: Iterable[Example], night: Night, limits: _Limits) -> Chosen:
    """As many of the rows as the limits and the night have room for."""
    found = Chosen()
    weight: Counter[_Account] = Counter()
    corrections: Counter[_Account] = Counter()
    room, is_full = night.room, False

    def has_room(account: _Account, counts: int) -> bool:
        return found.given[account] < limits.rows and weight[account] + counts <= limits.weight

    for row in rows:
        people = () if _is_nobodys(row.by, night.raters) else row.by
        counts = units(row)
        least = min(
            ((person,) for person in people), key=lambda one: (weight[one], one), default=()
        )
        accounts = {least, people} - {()}
        is_alone = len(people) == 1 and row.origin is Origin.CORRECTION
        if not all(has_room(account, counts) for account in accounts):
            found.left_out.append((LeftOut.CAPPED, row))
        elif is_alone and corrections[people] >= limits.corrections:
            found.left_out.append((LeftOut.ALONE, row))
        elif is_full or (size := night.size(row)) > room:
            is_full = True  # what is older does not come before it, though it may be shorter
            found.left_out.append((LeftOut.NO_ROOM, row))
        elif reason := night.why_not(row):
            found.left_out.append((reason, row))
        else:
            room -= size
            found.rows.append(row)
            found.given.update(accounts)
            weight.update(dict.fromkeys(accounts, counts))
            corrections.update([people] if is_alone else [])
    return found


def _is_nobodys(people: Sequence[str], raters: int) -> bool:
    """Whether so many agree that none of them, and no few of them, decides."""
    return len(people) >= FIFTH or (len(people) >= FEWEST_RATERS and 2 * len(people) > raters)
