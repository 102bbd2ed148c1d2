"""Ingesting mixed documents, compared with the bare model's `encode` of the same chunks.

Both run in turn, in one process.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from sentence_transformers import SentenceTransformer

import migrations
from bench import Figure
from bench.embedder import DefaultEmbedder, model_folder
from bench.mixed import write_mixed
from domain.embeddings import Embedding
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from records.database import Database, url_of
from records.sources import Sources

_ROUNDS = 3  # of few documents; a long round varies less than short ones, and one is enough
_FEW = 500


class _Watched(DefaultEmbedder):
    """Remembers what it embedded, so that the bare model can embed the same."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.bare = SentenceTransformer(str(model_folder()), device="cpu")

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        self.texts += texts
        return super().embed_passages(texts)


def measure(folder: Path, documents: int) -> list[Figure]:
    write_mixed(folder / "documents", documents)
    embedder = _Watched()
    embedder.embed_passages(["warm up"] * 64)
    rounds = [_round(folder, n, embedder) for n in range(_ROUNDS if documents <= _FEW else 1)]
    ratio = median(ours / bare for ours, bare in rounds)
    return [
        Figure(
            f"ingest of {documents:,} mixed documents, chunks a second",
            f"{median(ours for ours, _ in rounds):.1f}",
            f"bare encode: {median(bare for _, bare in rounds):.1f}",
            f"{ratio:.2f}",
            "at least 0.9",
        )
    ]


def _round(folder: Path, n: int, embedder: _Watched) -> tuple[float, float]:
    """Chunks per second: of an ingest into a new index, and of the bare model."""
    url = url_of(folder / f"{n}.db")
    migrations.upgrade(url)
    database = Database(url)
    index = LanceIndex(folder / f"index-{n}", embedder.model, embedder.dimension)
    ingestor = Ingestor(index, embedder, Sources(database))
    embedder.texts.clear()
    began = perf_counter()
    report = ingestor.ingest([folder / "documents"], Audience.everyone(), "bench")
    ours = report.chunks / (perf_counter() - began)
    began = perf_counter()
    embedder.bare.encode(embedder.texts, batch_size=32, show_progress_bar=False)
    bare = len(embedder.texts) / (perf_counter() - began)
    index.close()
    database.close()
    return ours, bare
