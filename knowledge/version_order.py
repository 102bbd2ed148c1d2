"""Which of two versions of one text is newer."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

_NAMED = 4  # the last parts of an address: a year is often the name of a folder
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-._/]?([01]\d)(?:[-._/]?([0-3]\d))?)?(?!\d)")
_EUROPEAN = re.compile(r"(?<!\d)([0-3]?\d)\.([01]?\d)\.((?:19|20)\d\d)(?!\d)")
_NUMBER = re.compile(
    r"(?<![a-z])(?:version|revision|rev\.?|edition|v)[ _-]?(\d{1,4}(?:\.\d{1,4})*)"
)


@dataclass(frozen=True, slots=True)
class Dated:
    """What is known of a version's age; ``modified`` is when its author changed it last."""

    title: str
    source: str
    modified: datetime | None


def is_newer(one: Dated, other: Dated) -> bool:
    """Whether ``one`` is surely newer: by the dates in their titles or names, then by the version
    numbers there, then by when they were changed. What only one of them has says nothing.
    """
    for of in (_date, _number):
        mine, its = of(one), of(other)
        if mine and its and mine != its:
            return mine > its
    if one.modified is None or other.modified is None:
        return False
    return one.modified > other.modified


def _date(version: Dated) -> tuple[int, ...]:
    """Year, month and day, as far as the title or else the name says them; empty if not at all."""
    return next(filter(None, map(_last_date, _texts(version))), ())


def _number(version: Dated) -> tuple[int, ...]:
    for text in _texts(version):
        if found := _NUMBER.findall(text.lower()):
            return tuple(map(int, found[-1].split(".")))
    return ()


def _texts(version: Dated) -> list[str]:
    source = version.source
    path = unquote(urlsplit(source).path) if "://" in source else source
    return [version.title, *reversed(PurePath(path).parts[-_NAMED:])]


def _last_date(text: str) -> tuple[int, ...]:
    found: list[tuple[int, ...]] = [
        (int(year), int(month), int(day)) for day, month, year in _EUROPEAN.findall(text)
    ]
    found += [tuple(int(part) for part in parts if part) for parts in _ISO.findall(text)]
    return max(filter(_is_date, found), default=())


def _is_date(parts: tuple[int, ...]) -> bool:
    year, month, day = (*parts, 1, 1)[:3]
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
