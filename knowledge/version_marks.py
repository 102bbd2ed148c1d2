"""What a title, a name or a question says of which version of a text it means."""

import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

Period = tuple[date, date]
"""The first day and the last."""

MONTHS = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
).split()

STATES = "draft final copy old new latest current updated".split()
"""Words that say which version a text is, and not what it is about."""

FISCAL = "fy"
"""How the marks of fiscal years begin."""

_Y, _M, _D = r"((?:19|20)\d\d)", "(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_YEAR = re.compile(rf"(?<!\d){_Y}(?!\d)|(?<!\d){_Y}{_M}{_D}?(?!\d)")
_ISO = re.compile(rf"(?<!\d){_Y}(?:{_M}{_D}?|[-._/]([01]?\d)(?:[-._/]([0-3]?\d))?)(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([-./])(\d{1,2})\2((?:19|20)?\d\d)(?!\.?\d)")
_NUMBER = re.compile(r"(?<![a-z])(version|revision|rev\.?|edition|v)[ _-]?(\d{1,4}(?:\.\d{1,4})*)")


# Whole words; the names of files join theirs by ``_``.
_FROM, _TO = r"(?<![^\W_])", r"(?![^\W_])"
_STATE = re.compile(rf"{_FROM}(?:{'|'.join(STATES)}){_TO}")
_COPY = re.compile(r"\(\d\)")
_MONTH = re.compile(rf"{_FROM}({'|'.join(MONTHS)}){_TO}")
_QUARTER = re.compile(rf"{_FROM}q([1-4]){_TO}")
_HALF = re.compile(rf"{_FROM}h([12]){_TO}")
_WEEK = re.compile(rf"{_FROM}kw(\d\d?){_TO}")
_FISCAL = re.compile(rf"{_FROM}{FISCAL}(\d{{4}}|\d\d){_TO}")
_MONTHS = {name[:3]: number for number, name in enumerate(MONTHS[:12], 1)}


def marks(text: str) -> frozenset[str]:
    """All that says a version, such as ``2026``, ``month 3``, ``q1``, ``v 2.1`` or ``draft``."""
    text = text.lower()
    plain = (_STATE, _COPY, _QUARTER, _HALF, _WEEK, _NUMERIC)
    return frozenset(
        [
            *(found[0] for pattern in plain for found in pattern.finditer(text)),
            *(found[0][:4] for found in _YEAR.finditer(text)),
            *(f"month {month}" for _, month, _ in _iso(text)),
            *(f"month {_MONTHS[name[:3]]}" for name in _MONTH.findall(text)),
            *(f"{FISCAL} {year}" for year in _fiscal_years(text)),
            *(f"{kind[0]} {digits}" for kind, digits in _NUMBER.findall(text)),
        ]
    )


def number(text: str) -> tuple[str, tuple[int, ...]] | None:
    """The last number of a version in ``text``, with its kind: ``v``, ``r`` or ``e``."""
    found = _NUMBER.findall(text.lower())
    if not found:
        return None
    kind, digits = found[-1]
    return kind[0], tuple(map(int, digits.split(".")))


def years(text: str) -> list[int]:
    """The years in ``text``; the fiscal ones where it has no others."""
    text = text.lower()
    return [int(found[0][:4]) for found in _YEAR.finditer(text)] or _fiscal_years(text)


def period(text: str, year: int | None, *, month_first: bool) -> Period | None:
    """The last of the periods that ``text`` names as exactly as it can.

    ``year`` is the one of a month or quarter. Raises ValueError where a date such as 03-15-2026
    is none if months stand first, or if they do not.
    """
    text = text.lower()
    found = [*_days(text, month_first), *_months_or_days(text)]
    if not found and year:
        found = list(_parts(text, year))
    if not found:
        found = [_months(each, 1, 12) for each in years(text)]
    return max(found, key=lambda each: each[::-1], default=None)


def _days(text: str, month_first: bool) -> Iterator[Period]:
    for one, sign, other, year in _NUMERIC.findall(text):
        if len(year) == 4:  # what of 01-02-03 is the year is not known
            day, month = (other, one) if month_first and sign != "." else (one, other)
            that = date(int(year), int(month), int(day))
            yield that, that


def _months_or_days(text: str) -> Iterator[Period]:
    for year, month, day in _iso(text):
        with suppress(ValueError):
            that = date(year, month, day or 1)
            yield (that, that) if day else _months(year, month, month)


def _iso(text: str) -> Iterator[tuple[int, int, int]]:
    """Years, months and days; 0 for a day that is not said."""
    for year, *parts in _ISO.findall(text):
        month, day = parts[:2] if parts[0] else parts[2:]
        yield int(year), int(month), int(day or 0)


def _parts(text: str, year: int) -> Iterator[Period]:
    yield from (
        _months(year, _MONTHS[name[:3]], _MONTHS[name[:3]]) for name in _MONTH.findall(text)
    )
    for pattern, length in ((_QUARTER, 3), (_HALF, 6)):
        for which in map(int, pattern.findall(text)):
            yield _months(year, (which - 1) * length + 1, which * length)
    for week in map(int, _WEEK.findall(text)):
        with suppress(ValueError):
            monday = date.fromisocalendar(year, week, 1)
            yield monday, monday + timedelta(days=6)


def _months(year: int, first: int, last: int) -> Period:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _fiscal_years(text: str) -> list[int]:
    return [int(year) if len(year) == 4 else 2000 + int(year) for year in _FISCAL.findall(text)]
