"""Packs the rows of a step one behind the other, so that they are computed as one sequence.

Rows of different lengths need no padding then. Each counts its positions from 0 and sees only
itself (`training.attention`), so its loss is what it is alone.

Rows about one passage begin alike. That beginning can be computed once for all of them, which is
most of the work: each row then sees the beginning and itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch

from training.rows import IGNORED

FILLED_TO = 64
"""A pass is filled up to a multiple of so many tokens.

On a CPU, torch keeps about 20 MB of memory for each new number of tokens."""

_ENOUGH = 0.5
"""The part of a row that must be the beginning of the rows before it, too."""


@dataclass(frozen=True, slots=True)
class Packer:
    """Makes a step's batch of its rows: passes of at most ``tokens`` tokens, or of a single row.

    ``shares``: rows one after the other that begin alike make a pass, of at most as many tokens.
    """

    tokens: int
    shares: int = 0

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        groups = alike(rows, self.shares) if self.shares else passes(rows, self.tokens)
        return {"passes": [packed(some, len(rows), shares=bool(self.shares)) for some in groups]}


def alike(rows: Iterable[dict[str, Any]], tokens: int) -> Iterator[list[dict[str, Any]]]:
    """The rows in their order, in groups that have most of their tokens in common.

    Together a group has at most so many ``tokens``; a longer row is alone.
    """
    some: list[dict[str, Any]] = []
    for row in rows:
        if some and not _belongs([*some, row], tokens):
            yield some
            some = []
        some.append(row)
    if some:
        yield some


def most_alike(rows: Sequence[dict[str, Any]], size: int, tokens: int) -> int:
    """The most tokens of a pass, if so many rows make a step, and those that begin alike a pass."""
    steps = (rows[first : first + size] for first in range(0, len(rows), size))
    made = (packed(some, size, shares=True) for step in steps for some in alike(step, tokens))
    return max(int(one["input_ids"].numel()) for one in made)


def _belongs(rows: Sequence[dict[str, Any]], tokens: int) -> bool:
    """Whether the last one makes a pass with the others."""
    lengths, shared = [len(row["input_ids"]) for row in rows], _beginning(rows)
    is_alike = shared >= _ENOUGH * lengths[-1]
    return is_alike and sum(lengths) - shared * (len(rows) - 1) <= tokens


def _beginning(rows: Sequence[dict[str, Any]]) -> int:
    """How many tokens all rows begin with; those that foretell an answer are not among them."""
    first, *others = rows
    ids = first["input_ids"]
    most = min(_answer(row)[0] for row in rows) - 1
    for row in others:
        same = zip(ids[:most], row["input_ids"], strict=False)
        most = next((n for n, (one, other) in enumerate(same) if one != other), most)
    return most


def _answer(row: dict[str, Any]) -> list[int]:
    """The positions of the answer's tokens."""
    return [n for n, label in enumerate(row["labels"]) if label != IGNORED]


def passes(rows: Iterable[dict[str, Any]], tokens: int) -> Iterator[list[dict[str, Any]]]:
    """The rows in their order, in groups of at most ``tokens`` tokens; a longer row is alone."""
    some: list[dict[str, Any]] = []
    taken = 0
    for row in rows:
        length = len(row["input_ids"])
        if some and taken + length > tokens:
            yield some
            some, taken = [], 0
        some.append(row)
        taken += length
    if some:
        yield some


def packed(rows: Sequence[dict[str, Any]], in_step: int, *, shares: bool = False) -> dict[str, Any]:
    """One pass: what the model reads, and what the loss is computed from.

    ``input_ids`` and ``position_ids`` are (1, tokens). The tokens at ``kept`` should foretell
    ``wanted``, and each of these has its ``share`` in the loss of the step, which has ``in_step``
    rows: all of a row's together have its weight. The first ``shared`` tokens are the beginning of
    every row, 0 unless rows share it; ``lengths`` are those of what follows of the rows, and of
    what fills the pass up.
    """
    shared = _beginning(rows) if shares and len(rows) > 1 else 0
    lengths = [len(row["input_ids"]) - shared for row in rows]
    if rest := -(shared + sum(lengths)) % FILLED_TO:
        lengths.append(rest)
    kept: list[int] = []
    wanted: list[int] = []
    share: list[float] = []
    first = 0
    for row in rows:
        answer = _answer(row)
        kept += [first + n - 1 for n in answer]
        wanted += [row["input_ids"][n] for n in answer]
        share += [row["weight"] / len(answer) / in_step] * len(answer)
        first += len(row["input_ids"]) - shared
    parts = [
        rows[0]["input_ids"][:shared],
        *(row["input_ids"][shared:] for row in rows),
        [0] * rest,
    ]
    places = [torch.arange(shared), *(torch.arange(shared, shared + n) for n in lengths)]
    return {
        "input_ids": torch.tensor([[*chain.from_iterable(parts)]]),
        "position_ids": torch.cat(places)[None],
        "kept": torch.tensor(kept),
        "wanted": torch.tensor(wanted),
        "share": torch.tensor(share),
        "shared": shared,
        "lengths": tuple(lengths),
    }
