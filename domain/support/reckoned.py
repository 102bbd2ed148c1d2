"""Whether a number that a passage does not have follows from those that it has.

``Nearly an hour`` is told of 55 minutes, ``twice a year`` of every six months, and ``5 euros more``
of two prices. A number that was asked of is no claim: ``Four weeks ahead is free`` may say so of
``free up to 21 days before``.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from domain.support.calendar_words import DAY
from domain.support.quote import Quote
from domain.support.statement import Statement
from domain.support.value import Value, same

_OVER = frozenset(("over", "than", "above"))
_UNDER = frozenset(("nearly", "almost", "under", "below", "short"))
_ABOUT = frozenset(
    "about around roughly approximately approx some circa almost nearly over than under above "
    "below short".split()
)
_NEAR = 0.1
"""By how much of itself a number differs at most from one that is told as ``about`` so much."""

_SUMMED = frozenset("total altogether together sum combined".split())
_COMPARED = frozenset(
    "more less longer shorter older younger cheaper dearer bigger smaller faster slower greater "
    "difference rose risen grew grown fell fallen sank sunk shrank dropped".split()
)
_NOT_RECKONED = frozenset(("clock", "weekday", "month", "date", "ordinal", "colour", "times"))
_BACK = 3
_MOST = 12
"""No sentence of people has more numbers; hostile ones would take long."""


def follows(value: Value, claim: Statement, quote: Quote) -> bool:
    """Whether ``value``, which no sentence of ``quote`` has, follows from their numbers."""
    told = [its for its in quote.values if not its.loose][:_MOST]
    if value.loose:
        return any(_is_about(value, claim, its) for its in told) or any(
            _is_interval(its, claim, told) for its in claim.values[:_MOST]
        )
    return (
        _is_their_count(value, told)
        or _are_days(value, told)
        or _is_interval(value, claim, quote.values[:_MOST])
        or any(_is_about(value, claim, its) for its in told)
        or _is_reckoned(value, claim, told)
        or _was_asked(value, quote, told)
    )


def _is_their_count(value: Value, told: Sequence[Value]) -> bool:
    """Whether ``value`` counts the days: ``twice a week``, on Mondays and Thursdays."""
    if "times" not in value.kinds:
        return False
    kinds = Counter(kind for its in told for kind in its.kinds)
    return any(float(count) in value.raw for count in kinds.values())


def _are_days(value: Value, told: Sequence[Value]) -> bool:
    """Whether it is told of Monday to Wednesday as ``three days``."""
    days = [day for its in told for kind, day in its.measures if kind == "weekday"]
    return len(days) > 1 and ("duration", DAY * (max(days) - min(days) + 1)) in value.measures


def _is_interval(value: Value, claim: Statement, told: Sequence[Value]) -> bool:
    """Whether ``twice a year`` is told of ``every six months``."""
    if "times" not in value.kinds:
        return False
    periods = [its for its in claim.values if its.loose and its.at >= value.at][:1]
    each = {
        (kind, amount / times)
        for its in periods
        for kind, amount in its.measures
        for times in value.raw
        if times
    }
    return any(not each.isdisjoint(its.measures) for its in told)


def _is_about(value: Value, claim: Statement, its: Value) -> bool:
    """Whether a number is told as about so much, and is on the right side of the other one."""
    before = {word.low for word in claim.words[max(0, value.at - _BACK) : value.at]}
    if before.isdisjoint(_ABOUT):
        return False
    over, under = not before.isdisjoint(_OVER), not before.isdisjoint(_UNDER)
    return any(
        abs(one - other) <= _NEAR * other
        and not (over and one > other)
        and not (under and one < other)
        for one, other in _pairs(value, its)
    )


def _is_reckoned(value: Value, claim: Statement, told: Sequence[Value]) -> bool:
    """Whether it is told as the sum of two numbers of one dimension, or as their difference."""
    is_sum = not claim.lows.isdisjoint(_SUMMED)
    is_difference = not claim.lows.isdisjoint(_COMPARED)
    if not (is_sum or is_difference) or value.kinds & _NOT_RECKONED:
        return False
    return any(
        (is_sum and same(mine, first + second))
        or (is_difference and same(mine, abs(first - second)))
        for one, other in combinations(told, 2)
        for first, second in _pairs(one, other)
        for mine, _ in _pairs(value, one)
    )


def _was_asked(value: Value, quote: Quote, told: Sequence[Value]) -> bool:
    """Whether it was asked of, and the sentences have limits of that dimension or none of it."""
    if value.kinds & _NOT_RECKONED:
        return False
    return any(value.equals(its) for its in quote.asked) and all(
        its.bound for its in told if its.scales & value.scales
    )


def _pairs(one: Value, other: Value) -> list[tuple[float, float]]:
    """The amounts of both in each dimension that they have in common."""
    if not one.measures and not other.measures:
        return [(mine, its) for mine in one.raw for its in other.raw]
    return [
        (mine, its)
        for kind, mine in one.measures
        for its_kind, its in other.measures
        if kind == its_kind
    ]
