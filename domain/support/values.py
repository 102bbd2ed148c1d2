"""The numbers in a sentence: amounts with their units, times of day, dates and how often."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.support.amounts import DIGITS, SHARES, amount_at, scale_at, word_at
from domain.support.bounds import bounds
from domain.support.tokens import Token
from domain.support.units import (
    LONG,
    MONTHS,
    ORDINALS,
    PERIODS,
    SCALES,
    SURE_NAMES_OF_TIME,
    UNITS,
    WEEKDAYS,
)

Measure = tuple[str, float]
"""What is measured, and how much of it in that dimension's smallest unit."""

_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::\d\d)?(am|pm|h)?")
_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
_NOON = {"noon": 720.0, "midday": 720.0, "midnight": 0.0, "mittag": 720.0, "mitternacht": 0.0}
_EACH = frozenset(
    "a an per each every once twice times ein eine einem einer pro par por jede".split()
)
_WHOLE = frozenset("whole full entire ganze ganzen ganzer".split())
_OFTEN = frozenset(("once", "twice", "times"))
_AM = {"am": 0, "a.m": 0, "pm": 12, "p.m": 12}
_PARTS_OF_DAY = {"morning": 0, "afternoon": 12, "evening": 12}
_O_CLOCK = frozenset(("uhr", "o'clock", "o’clock", "heures"))
_YEARS = range(1900, 2100)
_EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class Value:
    """One number. ``raw`` are the amounts as written, ``measures`` what they mean with a unit.

    There are several where a number can be read in more than one way, as ``1.000`` and ``3/4``.
    ``loose`` values, such as ``a day``, may be left out and added. ``bound`` is 1 for at least and
    -1 for at most. ``at`` is the token behind which it stands.
    """

    raw: frozenset[float]
    measures: frozenset[Measure] = frozenset()
    loose: bool = False
    bound: int = 0
    at: int = 0

    def equals(self, other: "Value") -> bool:
        """Whether both can mean the same; a number without a unit can have any."""
        if self.measures and other.measures:
            return any(
                kind == its_kind and _same(amount, its_amount)
                for kind, amount in self.measures
                for its_kind, its_amount in other.measures
            )
        return any(_same(one, its) for one in self.raw for its in other.raw)

    @property
    def kinds(self) -> frozenset[str]:
        """The dimensions; ``number`` for one without a unit."""
        return frozenset(kind for kind, _ in self.measures) or frozenset(("number",))


def values(words: Sequence[Token]) -> list[Value]:
    """The values in ``words``, in order."""
    found: list[Value] = []
    at = 0
    while at < len(words):
        value, used = _value(words, at)
        if value:
            found += [replace(one, at=at) for one in value]
        at += used
    limits = bounds(words)
    return [replace(one, bound=limits.get(one.at, 0)) for one in found]


def bare_units(words: Sequence[Token]) -> frozenset[str]:
    """The dimensions that are named without a number, as in the head of a table: ``Mass (kg)``."""
    return frozenset(
        UNITS[word.low][0]
        for before, word in zip([None, *words], words, strict=False)
        if word.low in UNITS
        and (len(word.low) > 1 or (before and before.low in "([/"))
        and not (before and before.low[:1].isdigit())
    )


def _value(words: Sequence[Token], at: int) -> tuple[list[Value], int]:
    """The values that begin at ``at``, and how many tokens they take."""
    word = words[at]
    low = word.low
    if word.is_sign:
        return [], 1
    if low in _NOON:
        return [Value(frozenset(), frozenset({("clock", _NOON[low])}))], 1
    if (date := _DATE.fullmatch(low)) and max(len(date[1]), len(date[4])) > 1 and len(date[4]) > 1:
        return list(_date(*date.group(1, 3, 4))), 1
    if clock := _CLOCK.fullmatch(low):
        return _clock(words, at, clock)
    if (low in MONTHS or low in WEEKDAYS) and (word.text[0].isupper() or low in SURE_NAMES_OF_TIME):
        return _named_time(words, at)
    if low in PERIODS:
        return [_loose(PERIODS[low])], 1
    if low in ORDINALS:
        return [Value(frozenset({float(ORDINALS[low])}), _ordinal(low), loose=True)], 1
    if spoken := _spoken_clock(words, at):
        return spoken
    if low in _EACH:
        return _each(words, at)
    amount, used = amount_at(words, at)
    return _with_unit(words, at, amount, used) if amount else ([], 1)


def _with_unit(
    words: Sequence[Token], at: int, amount: frozenset[float], used: int
) -> tuple[list[Value], int]:
    """The amount with the unit that is written to it, before it, or behind it."""
    low = words[at].low
    glued = DIGITS.fullmatch(low)
    after = word_at(words, at + used)
    if glued and glued[4] in ("st", "nd", "rd", "th"):
        return [Value(amount, frozenset())], used
    if glued and glued[4] in _AM:
        return [_time(amount, _AM[glued[4]])], used
    if glued and glued[4] in SCALES:
        amount = frozenset(one * SCALES[glued[4]] for one in amount)
    elif glued and (sign := glued[2] or glued[4]):
        if sign not in UNITS:
            return [], used  # a code, which is a name
        return [_measured(amount, sign)], used
    part = word_at(words, at + used + 2)
    if after in ("in", "at") and part in _PARTS_OF_DAY:
        return [_time(amount, _PARTS_OF_DAY[part])], used + 3
    if after in _AM or after in _O_CLOCK:
        meridian = _AM.get(after, 0)
        return [_time(amount, meridian, exact=after in _AM)], used + 1
    if low in SHARES or (used > 1 and words[at + used - 1].low in SHARES):
        return _share_of(words, at, amount, used)
    if after == "°" and word_at(words, at + used + 1) in ("c", "f"):
        return [_measured(amount, "°" + word_at(words, at + used + 1))], used + 2
    if after in UNITS and not (
        after in ("m", "t", "a", "s", "d", "n", "v", "l", "an", "grad") and not low[:1].isdigit()
    ):
        return [_measured(amount, after)], used + 1
    before = word_at(words, at - 1)
    if before in UNITS and UNITS[before][0] in ("euros", "dollars", "pounds", "francs", "yen"):
        return [_measured(amount, before)], used
    for further in (1, 2):
        unit = word_at(words, at + used + further)
        if words_between(words, at + used, further) and unit in LONG:
            return [_measured(amount, unit)], used
    if low == "one" and used == 1:
        return [Value(amount, loose=True)], used
    return [Value(amount)], used


def words_between(words: Sequence[Token], at: int, n: int) -> bool:
    """Whether the ``n`` tokens from ``at`` are words that can stand before a unit."""
    return all(
        not word.is_sign and word.low.isalpha() and len(word.low) > 3 for word in words[at : at + n]
    )


def _share_of(
    words: Sequence[Token], at: int, amount: frozenset[float], used: int
) -> tuple[list[Value], int]:
    """``half an hour`` is 30 minutes; ``half of it`` is 50 percent."""
    rest = [word_at(words, at + used + n) for n in range(3)]
    for n, unit in enumerate(rest[:3]):
        if unit in UNITS and len(unit) > 2:
            return [_measured(amount, unit)], used + n + 1
        if unit not in ("a", "an", "of"):
            break
    percent = frozenset(("percent", 100 * one) for one in amount)
    return [Value(amount, percent)], used


def _spoken_clock(words: Sequence[Token], at: int) -> tuple[list[Value], int] | None:
    """``a quarter to four``, ``half past nine``."""
    article = int(words[at].low == "a")
    at += article
    if word_at(words, at) not in SHARES or at + 2 >= len(words):
        return None
    way = words[at + 1].low
    hour, used = amount_at(words, at + 2)
    if way not in ("to", "past") or not hour:
        return None
    minutes = 60 * SHARES[words[at].low] * (1 if way == "past" else -1)
    times = frozenset(
        ("clock", (60 * one + minutes + half) % 1440) for one in hour for half in (0, 720)
    )
    return [Value(frozenset(), times)], used + 2 + article


def _each(words: Sequence[Token], at: int) -> tuple[list[Value], int]:
    """``a day``, ``per calendar year``; ``twice`` is a number besides."""
    low = words[at].low
    here = [Value(frozenset((2.0,)))] if low == "twice" else []
    if (low == "a" and scale_at(words, at + 1)) or low in _OFTEN:
        if low in _OFTEN:
            return here, 1
        amount, used = amount_at(words, at)
        return _with_unit(words, at, amount, used)
    if low == "a" and word_at(words, at + 1) == "quarter" and word_at(words, at - 1) not in _OFTEN:
        amount, used = amount_at(words, at + 1)
        value, more = _share_of(words, at + 1, amount, used)
        return value, more + 1
    whole = word_at(words, at + 1) in _WHOLE
    if whole and (unit := word_at(words, at + 2)) in UNITS and len(unit) > 1:
        return [_measured(frozenset((1.0,)), unit)], 3
    for further in (1, 2):
        unit = word_at(words, at + further)
        if unit in LONG and words_between(words, at + 1, further - 1):
            return [*here, _loose(UNITS[unit])], further + 1
    return here, 1


def _named_time(words: Sequence[Token], at: int) -> tuple[list[Value], int]:
    """A month or a weekday. ``May`` at the beginning is a month only next to a number."""
    low, raw = words[at].low, frozenset[float]()
    if low in WEEKDAYS and (len(low) > 3 or not words[at].opens):
        return [Value(raw, frozenset({("weekday", float(WEEKDAYS[low]))}))], 1
    near = word_at(words, at - 1)[:1] + word_at(words, at + 1)[:1]
    if low in MONTHS and (
        low not in ("may", "march", "mar", "mars")
        or not words[at].opens
        or any(sign.isdigit() for sign in near)
    ):
        return [Value(raw, frozenset({("month", float(MONTHS[low]))}))], 1
    return [], 1


def _date(*parts: str) -> Iterator[Value]:
    """The parts of a date in digits; a day and a month may be in either order."""
    for n, part in enumerate(parts):
        number = float(part)
        if n == 2 and len(part) == 2 and len(parts[0]) <= 2:
            number += 2000
        month = frozenset({("month", number)}) if number <= 12 else frozenset[Measure]()
        yield Value(frozenset((number,)), month)


def _clock(words: Sequence[Token], at: int, found: re.Match[str]) -> tuple[list[Value], int]:
    hour, minute = float(found[1]), float(found[2])
    after = word_at(words, at + 1)
    mark = found[3] if found[3] in _AM else after
    used = 2 if mark == after and (after in _AM or after in _O_CLOCK) else 1
    hour = hour % 12 + _AM[mark] if mark in _AM else hour
    raw = frozenset((hour + minute / 100,))
    return [Value(raw, frozenset({("clock", 60 * hour + minute)}))], used


def _time(amount: frozenset[float], meridian: int, *, exact: bool = True) -> Value:
    """``9 am``, ``9.30 pm``, ``9 Uhr``."""
    hours = [one % 12 + meridian if exact else one for one in amount]
    times = {("clock", 60 * (one // 1) + round(100 * (one % 1))) for one in hours}
    if not exact:
        times |= {(kind, (time + 720) % 1440) for kind, time in times if time <= 720}
    return Value(frozenset((*hours, *amount)), frozenset(times))


def _ordinal(low: str) -> frozenset[Measure]:
    return frozenset({("ordinal", float(ORDINALS[low]))})


def _measured(amount: frozenset[float], unit: str) -> Value:
    dimension, factor = UNITS[unit]
    return Value(amount, frozenset((dimension, one * factor) for one in amount))


def _loose(measure: Measure) -> Value:
    return Value(frozenset((1.0,)), frozenset({measure}), loose=True)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _EXACT * max(1.0, abs(one), abs(other))
