"""The questions of the month: the unseen ones that measure, and those that people ask each day."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from random import Random

from bench.month.size import Size

SEED = 11


def day_prefix(day: int) -> str:
    """What the ids of the questions of a day begin with."""
    return f"month:{day}:"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; ``accepted`` are the words of ``file`` that answer it."""

    id: str
    text: str
    accepted: str
    file: str


@dataclass(frozen=True, slots=True)
class Split:
    """``unseen`` questions measure; no night sees them, nor others about their ``file``."""

    unseen: tuple[Asked, ...]
    seen: tuple[Asked, ...]


def read(files: Sequence[Path]) -> list[Asked]:
    """The rows that have one answer and need no earlier turns; the others are left out."""
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Asked(str(row["id"]), row["question"], accepted, row.get("file") or str(row["id"]))
        for row in rows
        if isinstance(accepted := row.get("evidence") or row.get("answer"), str)
        and not row.get("history")
    ]


def split(questions: Sequence[Asked], unseen: int) -> Split:
    """Takes whole files, in an order by chance, until there are ``unseen`` questions on them."""
    files = sorted({one.file for one in questions})
    Random(SEED).shuffle(files)
    measuring: list[Asked] = []
    for file in files:
        if len(measuring) >= unseen:
            break
        measuring += [one for one in questions if one.file == file]
    about = {one.file for one in measuring}
    seen = tuple(one for one in questions if one.file not in about)
    return Split(tuple(measuring[:unseen]), seen)


def fitting(questions: Sequence[Asked], size: Size) -> tuple[Split, Size]:
    """The split, and the size without what so few questions are not enough for."""
    unseen = min(size.unseen, len(questions) // 5)
    found = split(questions, unseen)
    a_day = min(size.a_day, ceil(len(found.seen) / size.days))
    return found, replace(size, unseen=unseen, a_day=a_day)


def schedule(
    seen: Sequence[Asked],
    days: int,
    a_day: int,
    again: Sequence[Asked],
    changed: Sequence[Asked],
    change_day: int,
) -> list[list[Asked]]:
    """The questions of each day: ``a_day`` new ones, and some that were asked before.

    Those of ``again`` are asked on three days in all, and ``changed`` ones again once their
    documents have changed.
    """
    order = list(seen)
    Random(SEED).shuffle(order)
    first = {one.id: n for n, one in enumerate(order)}
    order.sort(key=lambda one: (one not in again, first[one.id]))  # there is time to ask them again
    spread = _spread(order, days, a_day, {one.id for one in again})
    day_of = {one.id: day for day, some in enumerate(spread) for one in some}
    for one in again:
        for later in (3, 7):
            if one.id in day_of and (day := day_of[one.id] + later) < days:
                spread[day].append(one)
    for n, one in enumerate(changed):
        if one.id in day_of and day_of[one.id] < change_day - 1:
            day = change_day - 1 + n % max(1, days - change_day + 1)
            if one not in spread[day]:
                spread[day].append(one)
    return spread


def _spread(order: Sequence[Asked], days: int, a_day: int, again: set[str]) -> list[list[Asked]]:
    """Shares out the first ones over the first half of the days, and the others over all."""
    spread: list[list[Asked]] = [[] for _ in range(days)]
    half = max(1, days // 2)
    repeated = [one for one in order if one.id in again]
    for n, one in enumerate(repeated):
        spread[n % half].append(one)
    others = iter(one for one in order if one.id not in again)
    for day in spread:
        for one in others:
            day.append(one)
            if len(day) >= a_day:
                break
    return spread
