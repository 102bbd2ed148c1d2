"""Packs the rows of a step one behind the other, so that they are computed as one sequence.

Rows of different lengths need no padding then. Each counts its positions from 0 and sees only
itself (`training.attention`), so its loss is what it is alone.
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


@dataclass(frozen=True, slots=True)
class Packer:
    """Makes a step's batch of its rows: passes of at most ``tokens`` tokens, or of a single row."""

    tokens: int

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        return {"passes": [packed(some, len(rows)) for some in passes(rows, self.tokens)]}


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


def packed(rows: Sequence[dict[str, Any]], in_step: int) -> dict[str, Any]:
    """One pass: what the model reads, and what the loss is computed from.

    ``input_ids`` and ``position_ids`` are (1, tokens). The tokens at ``kept`` should foretell
    ``wanted``, and each of these has its ``share`` in the loss of the step, which has ``in_step``
    rows: all of a row's together have its weight. ``lengths`` are those of the rows, and of what
    fills the pass up.
    """
    lengths = [len(row["input_ids"]) for row in rows]
    if rest := -sum(lengths) % FILLED_TO:
        lengths.append(rest)
    kept: list[int] = []
    wanted: list[int] = []
    share: list[float] = []
    first = 0
    for row in rows:
        answer = [n for n, label in enumerate(row["labels"]) if label != IGNORED]
        kept += [first + n - 1 for n in answer]
        wanted += [row["input_ids"][n] for n in answer]
        share += [row["weight"] / len(answer) / in_step] * len(answer)
        first += len(row["input_ids"])
    ids = [*chain.from_iterable(row["input_ids"] for row in rows), *[0] * rest]
    return {
        "input_ids": torch.tensor([ids]),
        "position_ids": torch.cat([torch.arange(length) for length in lengths])[None],
        "kept": torch.tensor(kept),
        "wanted": torch.tensor(wanted),
        "share": torch.tensor(share),
        "lengths": tuple(lengths),
    }
