"""Chunks as the rows of a SQLite table, and what is computed from their vectors."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from domain.blocks import Where
from domain.documents import Chunk
from domain.embeddings import Vector
from domain.questions import Audience

CHUNK = "id, document, title, text, audience, page, slide, place, sheet, anchor"
"""The columns that ``to_chunk`` reads."""


class Stored(NamedTuple):
    """A chunk with the four bytes of each number of its vector."""

    number: int
    chunk: Chunk
    vector: bytes


def to_columns(chunk: Chunk) -> tuple[int | str, ...]:
    """In the order of the table, from ``place`` to ``anchor``."""
    where = chunk.where
    shown = chunk.place, chunk.id, chunk.title, chunk.text, labels_of(chunk.audience)
    return (*shown, where.page, where.slide, where.sheet, where.anchor)


def to_chunk(row: Sequence[Any]) -> Chunk:
    name, document, title, text, labels, page, slide, place, sheet, anchor = row
    where = Where(page=page, slide=slide, sheet=sheet, anchor=anchor)
    return Chunk(name, document, title, text, to_audience(labels), where, place)


def labels_of(audience: Audience) -> str:
    return json.dumps(sorted(audience.labels))


@lru_cache(maxsize=1_000)
def to_audience(labels: str) -> Audience:
    return Audience(frozenset(json.loads(labels)))


def to_bytes(vector: Vector) -> bytes:
    return np.asarray(vector, np.float32).tobytes()


def similarities(vector: Vector, stored: Sequence[bytes]) -> list[float]:
    """The cosines of ``vector`` and the vectors of chunks."""
    if not stored:
        return []
    asked_for = np.asarray(vector, np.float32)
    matrix = np.frombuffer(b"".join(stored), np.float32).reshape(len(stored), -1)
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(asked_for)
    # Not as a product of matrices, which OpenBLAS would share among threads.
    cosines = np.einsum("ij,j->i", matrix, asked_for) / np.maximum(
        lengths, np.finfo(np.float32).tiny
    )
    return [float(one) for one in cosines]
