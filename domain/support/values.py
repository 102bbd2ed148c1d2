"""The numbers in a sentence: amounts with their units, times of day, dates and how often."""

import re
from collections.abc import Sequence
from dataclasses import replace

from domain.support.amounts import (
    ARTICLES,
    DIGITS,
    SHARES,
    amount_at,
    is_unsure_number,
    scale_at,
    word_at,
)
from domain.support.bounds import bounds
from domain.support.calendar_words import COLOURS, DAYS, MONTHS, PERIODS, WEEKDAYS
from domain.support.clock import AM, NOON, TO_THE_HOUR, hour, hour_with, time_at
from domain.support.compound import dated, joined
from domain.support.labels import labelled
from domain.support.left_out import with_unit_before
from domain.support.tokens import Token
from domain.support.units import (
    CURRENCIES,
    LONG,
    MONEY,
    NUMBERS,
    ORDINALS,
    SCALES,
    SCALES_OF_MONEY,
    UNITS,
    UNSURE_NUMBERS,
)
from domain.support.value import Value, loose, measured

_EACH = frozenset(
    "a an per each every once twice times ein eine einem einer pro par por jede un une una".split()
)
_TIMES = "times"
_OF = frozenset(("de", "di"))
_WHOLE = frozenset("whole full entire ganze ganzen ganzer".split())
_ONE = frozenset(("a", "an", "one"))
_ONE_AND = _ONE | {"every", "each"}
_AND_PARTS = {("and", "a", "half"): 0.5, ("and", "a", "quarter"): 0.25}
_OFTEN = frozenset(("once", "twice", "times"))
_BOTH = frozenset(("both", "beide", "beiden"))
_BEGINNING = frozenset().union(
    *(
        _BOTH,
        DAYS,
        NOON,
        TO_THE_HOUR,
        _EACH,
        NUMBERS,
        UNSURE_NUMBERS,
        SCALES,
        SHARES,
        MONTHS,
        WEEKDAYS,
        PERIODS,
        ORDINALS,
        COLOURS,
    )
)
"""The words that a number can begin with; most words do not."""


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
    whole = labelled(words, dated(joined(words, with_unit_before(words, found))))
    return [replace(one, bound=limits.get(one.at, 0)) for one in whole]


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
    if word.is_sign or (low.isalpha() and low not in _BEGINNING):
        return [], 1
    if is_unsure_number(words, at):
        return _with_unit(words, at, *amount_at(words, at))
    if time := time_at(words, at):
        return time
    if low in _BOTH:
        return [Value(frozenset((2.0,)), loose=True)], 1
    if low in COLOURS:
        return [Value(frozenset(), frozenset({("colour", float(COLOURS[low]))}))], 1
    if low in DAYS:
        return [Value(frozenset(), frozenset({("weekday", float(day))})) for day in DAYS[low]], 1
    if low in PERIODS:
        return [loose(PERIODS[low])], 1
    if low in ORDINALS and word_at(words, at + 1) == "of" and word_at(words, at + 2) in MONTHS:
        return [Value(frozenset((float(ORDINALS[low]),)))], 2
    if low in ORDINALS:
        number = float(ORDINALS[low])
        return [Value(frozenset((number,)), frozenset({("ordinal", number)}), loose=True)], 1
    if low in _ONE_AND and word_at(words, at + 1) in UNITS:
        for part, more in _AND_PARTS.items():
            if tuple(word.low for word in words[at + 2 : at + 5]) == part:
                return [measured(frozenset((1 + more,)), word_at(words, at + 1))], 5
    if low in _EACH:
        return _each(words, at)
    amount, used = amount_at(words, at)
    if amount and _is_and_a_half(words, at + used):
        amount, used = frozenset(one + 0.5 for one in amount), used + 3
    return _with_unit(words, at, amount, used) if amount else ([], 1)


def _with_unit(
    words: Sequence[Token], at: int, amount: frozenset[float], used: int
) -> tuple[list[Value], int]:
    """The amount with the unit that is written to it, before it, or behind it."""
    low = words[at].low
    glued = DIGITS.fullmatch(low)
    after = word_at(words, at + used)
    if after in _OF and words[at + used - 1].low in SCALES:  # "3 millions de euros"
        used, after = used + 1, word_at(words, at + used + 1)
    if glued and glued[4] in ("st", "nd", "rd", "th"):
        return [Value(amount, frozenset())], used
    if glued and glued[4] in AM:
        return [hour(amount, AM[glued[4]])], used
    factor = _scale_behind(glued, after) if glued else 0.0
    if factor:
        amount = frozenset(one * factor for one in amount)
    if glued and (sign := glued[2] or ("" if factor else glued[4])):
        if sign not in UNITS:
            return [], used  # a code, which is a name
        return [measured(amount, sign)], used
    if used > 1 and (sign := words[at + used - 1].low[-1]) in MONEY:
        return [measured(amount, sign)], used
    if time := hour_with(words, at, amount, used):
        return time
    if low in SHARES or (used > 1 and words[at + used - 1].low in SHARES):
        return _share_of(words, at, amount, used)
    if after == "°" and word_at(words, at + used + 1) in ("c", "f"):
        return [measured(amount, "°" + word_at(words, at + used + 1))], used + 2
    scale = word_at(words, at + used + 1)
    if after in UNITS and UNITS[after][0] == "degrees" and scale in ("celsius", "fahrenheit"):
        return [measured(amount, scale)], used + 2
    if after in UNITS and not (
        after in ("m", "t", "a", "s", "d", "n", "v", "l", "an", "grad") and not low[:1].isdigit()
    ):
        return [measured(amount, after)], used + 1
    before = word_at(words, at - 1)
    if _is_currency(before):
        return [measured(amount, before)], used
    for further in (1, 2):
        unit = word_at(words, at + used + further)
        if words_between(words, at + used, further) and unit in LONG:
            return [measured(amount, unit)], used
    if low == "one" and used == 1:
        return [Value(amount, loose=True)], used
    return [Value(amount)], used


def _scale_behind(glued: re.Match[str], after: str) -> float:
    """What the letters behind a number multiply it by: ``3k``, ``€3m``, ``3M €``; 0 for a unit."""
    is_money = bool(glued[2]) or _is_currency(after)
    return SCALES.get(glued[4]) or (SCALES_OF_MONEY.get(glued[4], 0.0) if is_money else 0.0)


def _is_currency(word: str) -> bool:
    return word in UNITS and UNITS[word][0] in CURRENCIES


def words_between(words: Sequence[Token], at: int, n: int) -> bool:
    """Whether the ``n`` tokens from ``at`` are words that can stand before a unit."""
    return all(
        not word.is_sign and word.low.isalpha() and len(word.low) > 3 and word.low not in _EACH
        for word in words[at : at + n]
    )


def _share_of(
    words: Sequence[Token], at: int, amount: frozenset[float], used: int
) -> tuple[list[Value], int]:
    """``half an hour`` is 30 minutes; ``half of it`` is 50 percent."""
    rest = [word_at(words, at + used + n) for n in range(3)]
    for n, unit in enumerate(rest[:3]):
        if unit in UNITS and len(unit) > 2:
            return [measured(amount, unit)], used + n + 1
        if unit not in ("a", "an", "of"):
            break
    percent = frozenset(("percent", 100 * one) for one in amount)
    return [Value(amount, percent)], used


def _is_and_a_half(words: Sequence[Token], at: int) -> bool:
    return tuple(word.low for word in words[at : at + 3]) == ("and", "a", "half")


def _each(words: Sequence[Token], at: int) -> tuple[list[Value], int]:
    """``a day``, ``per calendar year``; ``twice`` is a number besides."""
    low = words[at].low
    here = [measured(frozenset((2.0,)), _TIMES)] if low == "twice" else []
    if (low in ARTICLES and scale_at(words, at + 1)) or low in _OFTEN:
        if low in _OFTEN:
            return here, 1
        amount, used = amount_at(words, at)
        return _with_unit(words, at, amount, used)
    if low == "a" and word_at(words, at + 1) == "quarter" and word_at(words, at - 1) not in _OFTEN:
        amount, used = amount_at(words, at + 1)
        value, more = _share_of(words, at + 1, amount, used)
        return value, more + 1
    if (share := SHARES.get(word_at(words, at + 1))) and word_at(words, at + 2) == "of":
        value, used = _share_of(words, at + 1, frozenset((share,)), 1)
        return [*here, *value], used + 1
    nth = ORDINALS.get(word_at(words, at + 1)) if low == "every" else None
    if nth and (unit := word_at(words, at + 2)) in LONG:  # every second week
        return [*here, measured(frozenset((float(nth),)), unit)], 3
    if word_at(words, at + 1) in SHARES and word_at(words, at + 2) in LONG:
        return _share_of(words, at + 1, amount_at(words, at + 1)[0], 1)[0], 3
    whole = word_at(words, at + 1) in _WHOLE
    if whole and (unit := word_at(words, at + 2)) in UNITS and len(unit) > 1:
        return [measured(frozenset((1.0,)), unit)], 3
    for further in (1, 2):
        unit = word_at(words, at + further)
        is_number = further > 1 and word_at(words, at + 1) in NUMBERS  # every three years
        if unit in LONG and words_between(words, at + 1, further - 1) and not is_number:
            return [*here, loose(UNITS[unit])], further + 1
    return here, 1
