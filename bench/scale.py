"""How long searching and replacing take in LanceDB indexes of several sizes, and what is found.

The vectors are made up, since a million chunks could not be embedded here; embedding the question
comes on top. Searching by comparing all vectors is measured in the same run, as what it would take
without an index.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter
from typing import Any

import lancedb

from bench import Figure, peak_memory
from domain.embeddings import Vector
from domain.questions import Audience
from knowledge.index.lance import PASSAGES, LanceIndex
from knowledge.index.lance_rows import readable_by
from tests.knowledge.made import HUNDREDTH, MANY, TENTH, Made

_DIMENSION = 384
_IN_A_DOCUMENT = 10
_AT_ONCE = 1_000
_TIDY = 100_000  # chunks after which an index that is filled is tidied
_ROUNDS, _EXACT_ROUNDS = 200, 20
_FOUND = 10

_READERS = {MANY: "all", TENTH: "10 %", HUNDREDTH: "1 %"}


def measure(folder: Path, sizes: Sequence[int]) -> list[Figure]:
    return [figure for size in sizes for figure in _measure(folder / str(size), size)]


def _measure(folder: Path, size: int) -> list[Figure]:
    made = Made(_DIMENSION, _IN_A_DOCUMENT)
    index = LanceIndex(folder, "made", _DIMENSION)
    seconds = _fill(index, made, size)
    table = lancedb.connect(folder).open_table(PASSAGES)
    figures = [_search(index, table, made, size, label) for label in _READERS]
    figures.append(_replace(index, made, size, seconds))
    index.close()
    return figures


def _fill(index: LanceIndex, made: Made, size: int) -> float:
    """Returns how many seconds tidying took at the end, when all indexes are built."""
    documents = size // _IN_A_DOCUMENT
    for first in range(0, documents, _AT_ONCE):
        index.replace(*made.documents(first, min(_AT_ONCE, documents - first)))
        if first and not first * _IN_A_DOCUMENT % _TIDY:
            index.tidy()
    return _milliseconds(index.tidy) / 1000


def _search(index: LanceIndex, table: Any, made: Made, size: int, label: str) -> Figure:
    audience, questions = Audience.of(label), made.questions(_ROUNDS)
    for text, vector in questions[:_FOUND]:
        index.search(text, vector, audience, _FOUND)
    taken = [
        _milliseconds(lambda: index.search(text, vector, audience, _FOUND))  # noqa: B023
        for text, vector in questions
    ]
    some = questions[:_EXACT_ROUNDS]
    exact = [
        _milliseconds(lambda: _exact(table, vector, audience))  # noqa: B023
        for _, vector in some
    ]
    recall = mean(
        _recall(index, table, vector, audience) for _, vector in questions[:_EXACT_ROUNDS]
    )
    p50, p99 = _p50_p99(taken)
    return Figure(
        f"search in {size:,} chunks, of which {_READERS[label]} may be read",
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        f"comparing all vectors: p50 {_p50_p99(exact)[0]:.0f} ms",
        f"recall@10 {recall:.3f}",
        "p50 under 25 ms at 100,000, 60 ms at 1,000,000; recall at least 0.97",
    )


def _replace(index: LanceIndex, made: Made, size: int, tidying: float) -> Figure:
    documents = made.documents(1, _ROUNDS // 2)
    p50, p99 = _p50_p99([_milliseconds(lambda: index.replace(one)) for one in documents])  # noqa: B023
    return Figure(
        f"replacing a document in {size:,} chunks",
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        f"tidying at the end: {tidying:.0f} s; memory at most {peak_memory():.1f} GB",
        f"p50 {p50:.0f} ms",
        "under 100 ms at 100,000",
    )


def _recall(index: LanceIndex, table: Any, vector: Vector, audience: Audience) -> float:
    """The share of the nearest chunks that are found; without words, the nearest come first."""
    exact = _exact(table, vector, audience)
    found = {hit.id for hit in index.search("", vector, audience, _FOUND)}
    return len(exact & found) / len(exact)


def _exact(table: Any, vector: Vector, audience: Audience) -> set[str]:
    query = table.search(vector, vector_column_name="vector").distance_type("cosine")
    query = query.where(readable_by(audience)).bypass_vector_index().select(["id", "_distance"])
    return set(query.limit(_FOUND).to_arrow().column("id").to_pylist())


def _p50_p99(milliseconds: Sequence[float]) -> tuple[float, float]:
    shares = quantiles(milliseconds, n=100)
    return shares[49], shares[98]


def _milliseconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return (perf_counter() - began) * 1000
