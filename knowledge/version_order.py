"""Which of two versions of one text is newer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from domain.words import apart
from knowledge.version_marks import FISCAL, Period, marks, number, period, years

_NAMED = 4  # the last parts of an address: a year is often the name of a folder
_BEHIND = {"draft", "old"}
_KNOWN = 10_000  # versions; the same are compared for each question


@dataclass(frozen=True, slots=True)
class Dated:
    """What is known of a version's age; ``modified`` is when its author changed it last."""

    title: str
    source: str
    modified: datetime | None


def is_newer(one: Dated, other: Dated) -> bool:
    """Whether ``one`` is surely newer: by the dates in their titles or names, then by the version
    numbers there, then by when they were changed. What only one of them has says nothing, but that
    drafts and old ones come behind all others. Where each has a mark that the other has not, and
    their order is not known, neither is newer, whenever they were changed.
    """
    mine, its = _said(one), _said(other)
    order = _by_period(mine, its) or _by_number(mine, its)
    if mine.is_behind != its.is_behind:
        return its.is_behind and order >= 0
    if order:
        return order > 0
    if mine.marks - its.marks and its.marks - mine.marks:
        return False
    if one.modified is None or other.modified is None:
        return False
    return one.modified > other.modified


def is_asked_for(question: str, version: Dated, newest: Dated) -> bool:
    """Whether ``question`` names a mark, such as a year, that only the older version has."""
    only = _marks(_texts(version)) - _marks(_texts(newest))
    return not only.isdisjoint(marks(apart(question)))


@dataclass(frozen=True, slots=True)
class _Said:
    """``periods`` by whether the months of dates such as 03-05-2026 are read first; without those
    that cannot be read so. ``marks`` are those of the title and of the file's name.
    """

    periods: dict[bool, Period | None]
    number: tuple[str, tuple[int, ...]] | None
    marks: frozenset[str]

    @property
    def is_behind(self) -> bool:
        return not self.marks.isdisjoint(_BEHIND)

    @property
    def is_fiscal(self) -> bool:
        return any(mark.startswith(FISCAL) for mark in self.marks)


@lru_cache(_KNOWN)
def _said(version: Dated) -> _Said:
    texts = _texts(version)
    periods: dict[bool, Period | None] = {}
    for month_first in (False, True):
        try:
            periods[month_first] = _period(texts, month_first=month_first)
        except ValueError:
            continue
    return _Said(periods, next(filter(None, map(number, texts)), None), _marks(texts[:2]))


def _period(texts: list[str], *, month_first: bool) -> Period | None:
    """As the first text says that says one, and as exactly as others within it."""
    of_any = next(filter(None, map(years, texts)), [])
    known: Period | None = None
    for text in texts:
        year = max(years(text) or of_any, default=None)
        found = period(text, year, month_first=month_first)
        if found and (known is None or (known[0] <= found[0] and found[1] <= known[1])):
            known = found
    return known


def _by_period(mine: _Said, its: _Said) -> int:
    """1 if mine is later, -1 if earlier, 0 if that is not known; so do those below."""
    if mine.is_fiscal != its.is_fiscal:
        return 0  # a fiscal year begins in another month
    orders = {
        _order(mine.periods[each], its.periods[each]) for each in mine.periods.keys() & its.periods
    }
    return orders.pop() if len(orders) == 1 else 0


def _order(mine: Period | None, its: Period | None) -> int:
    if mine is None or its is None:
        return 0
    return (mine[0] > its[1]) - (mine[1] < its[0])


def _by_number(mine: _Said, its: _Said) -> int:
    if mine.number is None or its.number is None or mine.number[0] != its.number[0]:
        return 0
    return (mine.number > its.number) - (mine.number < its.number)


def _marks(texts: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*map(marks, texts))


def _texts(version: Dated) -> list[str]:
    source = version.source
    path = unquote(urlsplit(source).path) if "://" in source else source
    return [version.title, *reversed(PurePath(path).parts[-_NAMED:])]
