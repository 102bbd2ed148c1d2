"""How long searching and replacing take in LanceDB indexes of several sizes, and what is found.

The vectors are made up, since a million chunks could not be embedded here. A search takes all its
steps, with the ledger in SQLite, but embedding the question comes on top. Searching by comparing
all vectors is measured in the same run, as what it would take without an index.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter
from typing import Any

import lancedb

from bench import Figure, peak_memory
from bench.scale_plot import Point, draw
from domain.documents import Embedded, Source, SourceState
from domain.embeddings import Embedding, QuestionEmbedding, Vector
from domain.protocols import SourceLedger
from domain.questions import Audience, Question
from domain.tokens import Reach
from knowledge.index.lance import PASSAGES, LanceIndex
from knowledge.index.lance_rows import readable_by
from knowledge.query.search import CANDIDATES, Searcher
from knowledge.query.steps import Step
from tests.knowledge.doubles import new_ledger
from tests.knowledge.made import HUNDREDTH, MANY, TENTH, Made

_DIMENSION = 384
_IN_A_DOCUMENT = 10
_TOKENS = 150  # of a chunk, as of a handbook's
_NOW = datetime(2026, 11, 1, tzinfo=UTC)
_AT_ONCE = 1_000
_TIDY = 100_000  # chunks after which an index that is filled is tidied
_ROUNDS, _EXACT_ROUNDS = 200, 20
_FOUND = 10

_READERS = {MANY: "all", TENTH: "10 %", HUNDREDTH: "1 %"}


def measure(folder: Path, sizes: Sequence[int], plot: Path | None = None) -> list[Figure]:
    """With ``plot``, an SVG file is drawn, too."""
    points: list[Point] = []
    figures = [figure for size in sizes for figure in _measure(folder / str(size), size, points)]
    if plot:
        draw(points, plot)
    return figures


def _measure(folder: Path, size: int, points: list[Point]) -> list[Figure]:
    made = Made(_DIMENSION, _IN_A_DOCUMENT, _TOKENS)
    index = LanceIndex(folder, "made", _DIMENSION)
    ledger = new_ledger(folder / "ledger.db")
    ledger.add_words(dict.fromkeys(made.words(), 1))
    seconds = _fill(index, ledger, made, size)
    table = lancedb.connect(folder).open_table(PASSAGES)
    measured = [_search(index, ledger, table, made, size, label) for label in _READERS]
    points += [point for point, _ in measured]
    figures = [figure for _, figure in measured]
    figures.append(_closer(index, ledger, made, size))
    figures.append(_replace(index, made, size, seconds))
    index.close()
    return figures


def _fill(index: LanceIndex, ledger: SourceLedger, made: Made, size: int) -> float:
    """Returns how many seconds tidying took at the end, when all indexes are built."""
    documents = size // _IN_A_DOCUMENT
    for first in range(0, documents, _AT_ONCE):
        some = list(made.documents(first, min(_AT_ONCE, documents - first)))
        index.replace(*some)
        ledger.save_all([_source(one) for one in some])
        if first and not first * _IN_A_DOCUMENT % _TIDY:
            index.tidy()
    return _milliseconds(index.tidy) / 1000


def _source(document: Embedded) -> Source:
    readers = document.chunks[0].audience
    name = document.document
    return Source(
        f"/{name}",
        readers,
        SourceState.INDEXED,
        "bench",
        _NOW,
        chunks=_IN_A_DOCUMENT,
        document=name,
    )


class _Asked:
    """Knows what a model would make of the questions."""

    model, dimension, reach, gives_tokens = "made", _DIMENSION, Reach(512), True

    def __init__(self, questions: Sequence[tuple[str, Vector]]) -> None:
        self._known = dict(questions)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        raise AssertionError("a search embeds no passages")

    def embed_question(self, text: str) -> QuestionEmbedding:
        """With a vector for each of its words; any will do, since all are compared."""
        vector = self._known[text]
        return QuestionEmbedding(vector, (vector,) * len(text.split()))


def _taken(
    index: LanceIndex,
    ledger: SourceLedger,
    made: Made,
    label: str,
    without: Sequence[Step] = (),
) -> tuple[float, float]:
    """The median and the 99th percentile of whole searches, in milliseconds."""
    questions = made.questions(_ROUNDS)
    searcher = Searcher(index, _Asked(questions), ledger, _FOUND, without=without)
    asked = [Question("q", text, "bench", _NOW, Audience.of(label)) for text, _ in questions]
    for question in asked[:_FOUND]:
        searcher.search(question)
    return _p50_p99([searcher.search(question).search_ms for question in asked])


def _closer(index: LanceIndex, ledger: SourceLedger, made: Made, size: int) -> Figure:
    steps = (Step.WINDOWS, Step.TOKENS)
    without, _ = _taken(index, ledger, made, MANY, steps)
    with_them, _ = _taken(index, ledger, made, MANY)
    widened = with_them - _taken(index, ledger, made, MANY, [Step.NEIGHBOURS])[0]
    return Figure(
        f"windows and late interaction in {size:,} chunks",
        f"{with_them - without:.1f} ms of {with_them:.0f} ms",
        f"the search without them: p50 {without:.0f} ms",
        f"{(with_them - without) / with_them:.2f}",
        f"given by itself; the neighbours take {widened:.1f} ms",
    )


def _search(
    index: LanceIndex, ledger: SourceLedger, table: Any, made: Made, size: int, label: str
) -> tuple[Point, Figure]:
    audience, questions = Audience.of(label), made.questions(_ROUNDS)
    p50, p99 = _taken(index, ledger, made, label)
    some = questions[:_EXACT_ROUNDS]
    exact = [
        _milliseconds(lambda: _exact(table, vector, audience))  # noqa: B023
        for _, vector in some
    ]
    recall = mean(
        _recall(index, table, vector, audience) for _, vector in questions[:_EXACT_ROUNDS]
    )
    all_vectors = _p50_p99(exact)[0]
    return Point(size, _READERS[label], p50, p99, all_vectors), Figure(
        f"search in {size:,} chunks, of which {_READERS[label]} may be read",
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        f"comparing all vectors: p50 {all_vectors:.0f} ms",
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
    """The share of the nearest chunks that a search by meaning alone finds."""
    exact = _exact(table, vector, audience)
    found = index.search("", vector, audience, CANDIDATES)
    nearest = sorted(found, key=lambda hit: -hit.similarity)[:_FOUND]
    return len(exact & {hit.row for hit in nearest}) / len(exact)


def _exact(table: Any, vector: Vector, audience: Audience) -> set[str]:
    query = table.search(vector, vector_column_name="vector").distance_type("cosine")
    query = query.where(readable_by(audience)).bypass_vector_index().select(["number", "_distance"])
    return set(map(str, query.limit(_FOUND).to_arrow().column("number").to_pylist()))


def _p50_p99(milliseconds: Sequence[float]) -> tuple[float, float]:
    shares = quantiles(milliseconds, n=100)
    return shares[49], shares[98]


def _milliseconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return (perf_counter() - began) * 1000
