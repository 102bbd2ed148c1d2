"""Ingests with workers of a real local Ray cluster."""

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lancedb
import pytest

from cluster.reading import ReadOnCluster
from domain.documents import IngestReport, Source
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.ingest_run import IngestProgress
from knowledge.reading_steps import ReadAll
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("local_cluster")]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEAM = Audience.of("team:T1")


class Place:
    """An index and a ledger in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
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


def test_two_thousand_documents_give_the_same_index_as_one_process(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs", 2000)
    alone, spread = Place(tmp_path / "alone"), Place(tmp_path / "spread")
    expected = alone.ingest(docs)
    found = spread.ingest(docs, on_cluster())
    assert (found.added, found.failed, found.chunks) == (
        expected.added,
        expected.failed,
        expected.chunks,
    )
    assert spread.contents() == alone.contents()
    assert spread.rows() == alone.rows()
    assert spread.embedder.embedded == 0  # the workers did


def test_killed_workers_are_replaced_and_the_index_is_the_same(tmp_path: Path) -> None:
    docs = write_documents(tmp_path / "docs", 300)
    alone, spread = Place(tmp_path / "alone"), Place(tmp_path / "spread")
    alone.ingest(docs)
    killed: list[int] = []

    def kill(step: IngestProgress) -> None:
        if step.done >= 50 and not killed:
            killed.extend(workers())
            for process in killed:
                os.kill(process, signal.SIGKILL)

    spread.ingest(docs, on_cluster(), progress=kill)
    assert killed
    assert spread.contents() == alone.contents()
    assert spread.rows() == alone.rows()


def workers() -> list[int]:
    """The processes of this cluster that read or embed now."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            name = (folder / "cmdline").read_bytes() if (folder / "cmdline").exists() else b""
            if name.startswith(b"ray::MapWorker"):
                found.append(int(folder.name))
    return found
