"""The answer's own overhead: all of it but embedding, search and generation."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import migrations
from bench import Figure
from bench.sample import write_documents
from domain.answering import Answerer
from domain.fitting import BUDGET
from domain.questions import Audience, Message, Question
from knowledge.embedders import SentenceTransformersEmbedder
from knowledge.ingest import Ingestor
from knowledge.lance_index import LanceIndex
from knowledge.search import Searcher
from records.adapters import Adapters
from records.answers import Answers
from records.database import Database, url_of
from records.sources import Sources

_QUESTIONS = 200
_WORDS = "The frame warranty is ten years from the day of delivery . ".split()


class _Fluent:
    """Says a few sentences at once, so that what is left of an answer is ours."""

    model = "none"

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        yield from (f"{word} " for word in _WORDS * 4)


def measure(folder: Path) -> list[Figure]:
    write_documents(folder / "documents", 1)
    url = url_of(folder / "bench.db")
    migrations.upgrade(url)
    database = Database(url)
    embedder = SentenceTransformersEmbedder()
    index = LanceIndex(folder / "index", embedder.model, embedder.dimension)
    Ingestor(index, embedder, Sources(database)).ingest(
        [folder / "documents"], Audience.everyone(), "bench"
    )
    adapters = Adapters(database)
    answerer = Answerer(
        Searcher(index, embedder, 3),
        _Fluent(),
        Answers(database),
        lambda: live.name if (live := adapters.live()) else None,
        budget=BUDGET,
        max_tokens=256,
    )
    own = [_own_ms(answerer, n) for n in range(_QUESTIONS)]
    index.close()
    database.close()
    return [
        Figure(
            "an answer's own overhead",
            f"median {median(own):.1f} ms",
            "all but embedding, search, generation",
            f"p95 {quantiles(own, n=20)[-1]:.1f} ms",
            "under 30 ms",
        )
    ]


def _own_ms(answerer: Answerer, n: int) -> float:
    question = Question(
        f"bench:{n}", "How long is the frame warranty?", "b", datetime.now(UTC), Audience.everyone()
    )
    began = perf_counter()
    timings = answerer.answer(question).timings
    whole = (perf_counter() - began) * 1000
    return whole - timings.embed - timings.search - timings.generate
