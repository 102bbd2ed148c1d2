"""Times of day, dates, weekdays and months in a sentence."""

import re
from collections.abc import Iterator, Sequence

from domain.support.amounts import SHARES, amount_at, word_at
from domain.support.calendar_words import MONTHS, SURE_NAMES_OF_TIME, WEEKDAYS
from domain.support.tokens import Token
from domain.support.value import Measure, Value

_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::\d\d)?(am|pm|h)?")
_HOUR, _MINUTE = re.compile(r"[01]?\d|2[0-4]"), re.compile(r"[0-5]\d")
_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
NOON = {"noon": 720.0, "midday": 720.0, "midnight": 0.0, "mittag": 720.0, "mitternacht": 0.0}
AM = {"am": 0, "a.m": 0, "pm": 12, "p.m": 12}
_PARTS_OF_DAY = {"morning": 0, "afternoon": 12, "evening": 12}
_O_CLOCK = frozenset(("uhr", "o'clock", "o’clock", "heures"))


def time_at(words: Sequence[Token], at: int) -> tuple[list[Value], int] | None:
    """The time or date that begins at ``at``, if one does, and how many tokens it takes."""
    low = words[at].low
    if low in NOON:
        return [Value(frozenset(), frozenset({("clock", NOON[low])}))], 1
    if (date := _DATE.fullmatch(low)) and max(len(date[1]), len(date[4])) > 1 and len(date[4]) > 1:
        return list(_date(*date.group(1, 3, 4))), 1
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
    return _spoken_clock(words, at)


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
    mark = found[3] if found[3] in AM else after
    used = 2 if mark == after and (after in AM or after in _O_CLOCK) else 1
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
    if after in _O_CLOCK and (later := _PARTS_OF_DAY.get(word_at(words, at + used + 3))):
        return [hour(amount, later)], used + 4
    if after in AM or after in _O_CLOCK:
        return [hour(amount, AM.get(after, 0), exact=after in AM)], used + 1
    return None
