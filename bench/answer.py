"""The overhead of answering: everything except embedding, search and generation.

A real server counts the tokens. Each question is a new one, so that no count is remembered.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

import migrations
from bench import HANDBOOK, Figure
from domain.answering import Answerer
from domain.fitting import BUDGET
from domain.questions import Audience, Message, Question
from domain.trials import Chosen
from knowledge.embedders.choosing import local_embedder
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.search import Searcher
from records.adapters import Adapters
from records.answers import Answers
from records.database import Database, url_of
from records.sources import Sources
from serving.client import ServerClient
from serving.default_model import SMOLLM2
from serving.engine import Engine
from serving.models import load, resolve
from serving.server import create_app, serving
from serving.token_counter import ServerTokenCounter

_QUESTIONS = 200
_WORDS = "The frame warranty is ten years from the day of delivery . ".split()


class _Fluent:
    """A generator that answers immediately, so that only our own overhead is measured."""

    model = "none"

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        yield from (f"{word} " for word in _WORDS * 4)


def measure(folder: Path) -> list[Figure]:
    url = url_of(folder / "bench.db")
    migrations.upgrade(url)
    database = Database(url)
    embedder = local_embedder("")
    index = LanceIndex(folder / "index", embedder.model, embedder.dimension)
    sources = Sources(database)
    Ingestor(index, embedder, sources).ingest([HANDBOOK], Audience.everyone(), "bench")
    adapters = Adapters(database)
    with _counting(folder) as counter:
        answerer = Answerer(
            Searcher(index, embedder, sources, 5),
            _Fluent(),
            Answers(database),
            lambda _: Chosen(adapters.live_name()),
            budget=BUDGET,
            max_tokens=160,
            counter=counter,
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


@contextmanager
def _counting(folder: Path) -> Iterator[ServerTokenCounter]:
    """A counter that asks SmolLM2's server."""
    files = resolve(SMOLLM2, folder)
    engine = Engine(*load(files), files.name)
    with serving(create_app(engine)) as url, closing(ServerClient(url, files.name)) as client:
        while not client.healthy():
            sleep(0.05)
        yield ServerTokenCounter(client)


def _own_ms(answerer: Answerer, n: int) -> float:
    question = Question(
        f"bench:{n}",
        f"How long is the warranty of frame number {n}?",
        "b",
        datetime.now(UTC),
        Audience.everyone(),
    )
    began = perf_counter()
    timings = answerer.answer(question).timings
    whole = (perf_counter() - began) * 1000
    return whole - timings.embed - timings.search - timings.generate
