"""Indexes that are filled with a cluster and without, and the documents for them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lancedb

from cluster.reading import ReadOnCluster
from domain.documents import IngestReport, Source
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.reading_steps import ReadAll
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEAM = Audience.of("team:T1")


class Place:
    """An index and a ledger in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.ledger = new_ledger(folder / "phi3.db")
        self.index = LanceIndex(folder / "index", "words-64", DIMENSION)
        self.embedder = WordEmbedder()

    def ingest(self, docs: Path, read_all: ReadAll | None = None, **more: object) -> IngestReport:
        ingestor = Ingestor(self.index, self.embedder, self.ledger, read_all=read_all)
        return ingestor.ingest([docs], TEAM, "me", now=NOW, **more)  # type: ignore[arg-type]

    def contents(self) -> list[dict[str, Any]]:
        """All that the index keeps of each chunk: its id, text, readers, place and vector."""
        self.index.close()
        found = lancedb.connect(self.folder / "index").open_table("passages").to_arrow()
        rows = [row | {"number": 0, "written": 0} for row in found.to_pylist()]
        return sorted(rows, key=lambda row: (row["document"], repr(row)))

    def rows(self) -> dict[str, Source]:
        """Without versions: a file that was written a moment ago has none."""
        return {row.uri: replace(row, version="") for row in self.ledger.all()}


def on_cluster() -> ReadOnCluster:
    return ReadOnCluster(WordEmbedder(), WordEmbedder)


def write_documents(folder: Path, count: int) -> Path:
    """Small documents; every 50th has the same text as the one before, some cannot be read."""
    folder.mkdir()
    for n in range(count):
        same = n - 1 if n % 50 == 49 else n
        text = f"# Rule {same}\n\nThe crane {same} lifts {same % 7} tons.\n\n## Care\n\nOil it."
        (folder / f"rule-{n:04}.md").write_text(text, "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "empty.txt").write_text("", "utf-8")
    return folder
