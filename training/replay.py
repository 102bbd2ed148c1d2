"""Adds starter rows to a night's rows, so that no night unlearns how to answer and to refuse.

The sample follows from the ids of the night's rows: another night has another one, and a dry run or
a night that goes on after it was killed has the same.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from math import ceil
from typing import TypeVar

from domain.adapters import Example
from domain.prompt import REFUSAL
from training.starter import starter_examples

_Drawn = TypeVar("_Drawn")

SHARE = 0.2
"""The share of all rows of a night that are starter rows."""

FEWEST = 30
"""A night has at least this many starter rows, but not more of them than of its own."""


def with_replay(rows: Sequence[Example], *, near: bool) -> list[Example]:
    """``rows``, and the starter rows that this night trains on too.

    ``near``: also on refusals of questions that a passage is about and does not answer; for models
    that tell these apart (see `starter_examples`). A model that does not is small, and may train on
    a CPU: it gets pairs about the same passages, which take little more time there than one row.
    """
    take = sample if near else sample_pairs
    return [*rows, *take(starter_examples(near=near), count(len(rows)), night_of(rows))]


def sample(rows: Sequence[Example], count: int, night: str) -> list[Example]:
    """``count`` of the rows, other ones for each ``night``; all if there are not more.

    Refusals and follow-ups keep their shares, to within one row: the rows are put in order by their
    kind, and rows at equal distances are taken.
    """
    ordered = sorted(rows, key=lambda row: (_kind(row), _drawn(night, row.answer_id)))
    return _spread(ordered, min(count, len(ordered)))


def sample_pairs(rows: Sequence[Example], count: int, night: str) -> list[Example]:
    """As `sample`, but most of the rows come in pairs about the same passages."""
    ordered = sorted(rows, key=lambda row: (_kind(row), _shown(night, row), row.answer_id))
    pairs = [ordered[n : n + 2] for n in range(0, len(ordered), 2)]
    taken = _spread(pairs, min(ceil(count / 2), len(pairs)))
    return [row for pair in taken for row in pair][:count]


def _spread(ordered: Sequence[_Drawn], count: int) -> list[_Drawn]:
    """``count`` of them, at equal distances."""
    return [ordered[n * len(ordered) // count] for n in range(count)]


def night_of(rows: Sequence[Example]) -> str:
    """What tells a night's rows from another night's: a hash of their ids, whatever their order."""
    return sha256("\n".join(sorted(row.answer_id for row in rows)).encode()).hexdigest()


def count(own: int) -> int:
    """How many starter rows are added to a night's ``own``."""
    return min(_there_are(), max(ceil(own * SHARE / (1 - SHARE)), min(FEWEST, own)))


@cache
def _there_are() -> int:
    return sum(1 for _ in starter_examples())


def _kind(row: Example) -> tuple[bool, bool]:
    return row.completion == REFUSAL, len(row.prompt) > 2


def _shown(night: str, row: Example) -> str:
    return _drawn(night, " ".join(passage.id for passage in row.passages))


def _drawn(night: str, text: str) -> str:
    return sha256(f"{night} {text}".encode()).hexdigest()
