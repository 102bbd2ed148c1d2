"""Times of day, dates, weekdays and months in a sentence."""

import re
from collections.abc import Iterator, Sequence

from domain.support.amounts import SHARES, amount_at, word_at
from domain.support.calendar_words import MONTHS, SURE_NAMES_OF_TIME, WEEKDAYS
from domain.support.tokens import Token
from domain.support.value import Value

_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::\d\d)?(am|pm|h)?")
_HOUR, _MINUTE = re.compile(r"[01]?\d|2[0-4]"), re.compile(r"[0-5]\d")
_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
NOON = {"noon": 720.0, "midday": 720.0, "midnight": 0.0, "mittag": 720.0, "mitternacht": 0.0}
AM = {"am": 0, "a.m": 0, "pm": 12, "p.m": 12}
_DAYS, _MONTHS = 31, 12
_YEARS = (len("26"), len("2026"))
_PARTS_OF_DAY = {"morning": 0, "afternoon": 12, "evening": 12}
TO_THE_HOUR = frozenset(("halb", "viertel"))
"""The German words that a time to or past an hour begins with."""

_WAYS = {"vor": -1, "nach": 1}
O_CLOCK = frozenset(("uhr", "o'clock", "o’clock", "heures"))


def time_at(words: Sequence[Token], at: int) -> tuple[list[Value], int] | None:
    """The time or date that begins at ``at``, if one does, and how many tokens it takes."""
    low = words[at].low
    if low in NOON:
        return [Value(frozenset(), frozenset({("clock", NOON[low])}))], 1
    if (date := _DATE.fullmatch(low)) and (found := list(_date(*date.groups()))):
        return found, 1
    if clock := _CLOCK.fullmatch(low):
        return _clock(words, at, clock)
    is_lasting = word_at(words, at + 3)[:3] == "min"  # "1 h 30 min"
    if _HOUR.fullmatch(low) and word_at(words, at + 1) == "h" and not is_lasting:
        minute = word_at(words, at + 2)
        if _MINUTE.fullmatch(minute):
            return [hour(frozenset((float(f"{low}.{minute}"),)), 0, exact=False)], 3
    if low in MONTHS and low != "may" and word_at(words, at - 1).isdigit():
        return [Value(frozenset(), frozenset({("month", float(MONTHS[low]))}))], 1
    if (low in MONTHS or low in WEEKDAYS) and (
        words[at].text[0].isupper() or low in SURE_NAMES_OF_TIME
    ):
        return _named_time(words, at)
    return _spoken_clock(words, at) or _german_clock(words, at)


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


def _german_clock(words: Sequence[Token], at: int) -> tuple[list[Value], int] | None:
    """``halb acht`` is 7:30, ``Viertel nach sieben`` 7:15."""
    if words[at].low not in TO_THE_HOUR:
        return None
    behind = 1 if words[at].low == "halb" else 2
    way = _WAYS.get(word_at(words, at + 1), 0) if behind > 1 else -2
    hour, used = amount_at(words, at + behind) if way and at + behind < len(words) else ((), 0)
    if not hour or not all(1 <= one <= 24 for one in hour):
        return None
    times = ((60 * one + 15 * way + half) % 1440 for one in hour for half in (0, 720))
    more = int(word_at(words, at + behind + used) == "uhr")
    return [Value(frozenset(), frozenset(("clock", time) for time in times))], used + behind + more


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


def _date(first: str, sign: str, second: str, third: str) -> Iterator[Value]:
    """The parts of a date in digits; none if it can be no date, as ``10.0.12``.

    The day has its month, as that of ``12 March`` has. ``3/12/2026`` may be in either order.
    """
    begins = len(first) == len("2026")
    ends, year = ((second, third), first) if begins else ((first, second), third)
    if len(ends[0]) > len("31") or len(ends[1]) > len("31") or len(year) not in _YEARS:
        return
    orders = {
        (float(day), float(month))
        for day, month in (ends[::-1], ends)
        if 1 <= float(day) <= _DAYS and 1 <= float(month) <= _MONTHS
    }
    if len(orders) > 1 and (begins or sign == "."):
        orders = {(float(ends[1]), float(ends[0]))} if begins else {(float(first), float(second))}
    if not orders:
        return
    for part in map(float, ends):
        days = {("date", 100 * month + day) for day, month in orders if day == part}
        months = {("month", month) for _, month in orders if month == part}
        yield Value(frozenset((part,)), frozenset(days | months))
    yield Value(frozenset((float(year) + (2000 if len(year) == len("26") else 0),)))


def _clock(words: Sequence[Token], at: int, found: re.Match[str]) -> tuple[list[Value], int]:
    hour, minute = float(found[1]), float(found[2])
    after = word_at(words, at + 1)
    mark = found[3] if found[3] in AM else after
    used = 2 if mark == after and (after in AM or after in O_CLOCK) else 1
    hour = hour % 12 + AM[mark] if mark in AM else hour
    raw = frozenset((hour + minute / 100,))
    return [Value(raw, frozenset({("clock", 60 * hour + minute)}))], used


def hour(amount: frozenset[float], meridian: int, *, exact: bool = True) -> Value:
    """``9 am``, ``9.30 pm``, ``9 Uhr``."""
    hours = [one % 12 + meridian if exact else one for one in amount]
    times = {("clock", 60 * (one // 1) + round(100 * (one % 1))) for one in hours}
    if not exact:
        times |= {(kind, (time + 720) % 1440) for kind, time in times if time <= 720}
    return Value(frozenset((*hours, *amount)), frozenset(times))


def hour_with(
    words: Sequence[Token], at: int, amount: frozenset[float], used: int
) -> tuple[list[Value], int] | None:
    """The time if the amount is followed by ``pm``, ``Uhr``, or ``in the morning``."""
    after, part = word_at(words, at + used), word_at(words, at + used + 2)
    if after in ("in", "at") and part in _PARTS_OF_DAY:
        return [hour(amount, _PARTS_OF_DAY[part])], used + 3
    if after in O_CLOCK and (later := _PARTS_OF_DAY.get(word_at(words, at + used + 3))):
        return [hour(amount, later)], used + 4
    if after in AM or after in O_CLOCK:
        return [hour(amount, AM.get(after, 0), exact=after in AM)], used + 1
    return None
