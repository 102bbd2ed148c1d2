"""The memory of reading documents with the real model loaded, after a part of them and after all.

The vectors are made up, since embedding adds nothing to what is kept: so 100,000 chunks take
minutes, not hours.
"""

import os
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import time

import migrations
from bench import Figure, peak_memory
from bench.embedder import DefaultEmbedder
from domain.collections import Collection
from domain.embeddings import Embedding
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.ingest_run import IngestProgress
from knowledge.sources.files import FilesConnector
from records.collections import Collections
from records.database import Database, url_of
from records.sources import Sources

_IN_A_FOLDER = 500
_SECTIONS = 12
_TOKENS = 150  # of a chunk, whose signs are kept
_WORDS = 60  # of a section, so that each is a chunk


class _MadeUp(DefaultEmbedder):
    """The model is loaded, and has embedded texts, but gives vectors of chance."""

    def __init__(self) -> None:
        super().__init__()
        super().embed_passages(["word " * 300] * 64)
        self._chance = Random(1)

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        few = self.dimension // 12
        return [
            Embedding(
                array("f", [self._chance.random() for _ in range(few)] * 12),
                bytes(_TOKENS * self.dimension // 8),
            )
            for _ in texts
        ]


def measure(folder: Path, documents: int) -> list[Figure]:
    _write(folder / "documents", documents)
    embedder = _MadeUp()
    url = url_of(folder / "memory.db")
    migrations.upgrade(url)
    database = Database(url)
    index = LanceIndex(folder / "index", embedder.model, embedder.dimension)
    place = str(folder / "documents")
    stored = Collection(place, "folder", Audience.everyone(), "bench", datetime.now(UTC))
    collection = Collections(database).add(stored)
    before, tenth = peak_memory(), 0.0

    def progress(step: IngestProgress) -> None:
        nonlocal tenth
        if not tenth and step.done >= documents // 10:
            tenth = peak_memory()

    ingestor = Ingestor(index, embedder, Sources(database))
    report = ingestor.sync(collection, FilesConnector(folder / "documents"), progress=progress)
    index.close()
    database.close()
    return [
        Figure(
            f"memory of reading {documents:,} documents, {report.chunks:,} chunks",
            f"{peak_memory():.2f} GB",
            f"with the model loaded: {before:.2f} GB; after a tenth: {tenth:.2f} GB",
            f"{peak_memory() / 2**30 * 1e9:.2f} GiB",
            "under 1.5 GiB",
        )
    ]


def _write(folder: Path, documents: int) -> None:
    chance = Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randrange(3, 10))) for _ in range(5_000)]
    a_while_ago = time() - 3_600
    for n in range(documents):
        file = folder / str(n // _IN_A_FOLDER) / f"{n}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        sections = (
            f"## Part {k}\n\n{' '.join(chance.choices(words, k=_WORDS))}" for k in range(_SECTIONS)
        )
        file.write_text(f"# Document {n}\n\n" + "\n\n".join(sections))
        os.utime(file, (a_while_ago, a_while_ago))
