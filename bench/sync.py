"""Reading a folder again, compared with reading it for the first time, in one process.

A hundredth of its small files changes in between. Memory is what the first reading adds to what the
process uses with its model loaded.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import migrations
from bench import Figure, peak_memory
from domain.collections import Collection
from domain.questions import Audience
from knowledge.embedders.choosing import local_embedder
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.sources.files import FilesConnector
from records.collections import Collections
from records.database import Database, url_of
from records.sources import Sources

_A_WHILE_AGO = 3_600  # seconds: a file that changed just now has no version
_IN_A_FOLDER = 100


def measure(folder: Path, documents: int) -> list[Figure]:
    files = _write(folder / "documents", documents)
    url = url_of(folder / "sync.db")
    migrations.upgrade(url)
    database = Database(url)
    embedder = local_embedder("")
    embedder.embed_passages(["warm up"] * 64)
    index = LanceIndex(folder / "index", embedder.model, embedder.dimension)
    ingestor = Ingestor(index, embedder, Sources(database))
    now, everyone = datetime.now(UTC), Audience.everyone()
    stored = Collection(str(folder / "documents"), "folder", everyone, "bench", now)
    collection = Collections(database).add(stored)

    def seconds(unchanged: int) -> float:
        began = perf_counter()
        report = ingestor.sync(collection, FilesConnector(folder / "documents"))
        if report.unchanged != unchanged or report.failed:
            raise RuntimeError(f"the bench read something else: {report.sentence()}")
        return perf_counter() - began

    memory = peak_memory()
    first = seconds(0)
    added = peak_memory() - memory
    again = min(seconds(documents) for _ in range(3))
    changed = files[::100]
    for file in changed:
        _fill(file, f"changed {file.name}")
    updated = seconds(documents - len(changed))
    index.close()
    database.close()
    against = f"the first reading: {first:.1f} s"
    what = f"{documents:,} small files"
    return [
        Figure(
            f"{what}, read again", f"{again:.2f} s", against, f"{again / first:.3f}", "under 0.05"
        ),
        Figure(
            f"{what}, of which 1% changed",
            f"{updated:.2f} s",
            against,
            f"{updated / first:.3f}",
            "under 0.1",
        ),
        Figure(
            f"{what}, memory of the first reading",
            f"{added * 1_000:.0f} MB",
            f"with the model loaded: {memory:.2f} GB",
            f"{memory + added:.2f} GB",
            "under 1.5 GB",
        ),
    ]


def _write(folder: Path, count: int) -> list[Path]:
    files = [folder / str(n // _IN_A_FOLDER) / f"{n}.md" for n in range(count)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        _fill(file, file.name)
    return files


def _fill(file: Path, name: str) -> None:
    """Some 40 words that differ in each file."""
    words = " ".join(f"{word} {name}" for word in ("rate", "leave", "pay", "crane", "bell") * 4)
    file.write_text(f"# Note {name}\n\n{words}.\n", encoding="utf-8")
    before = file.stat().st_mtime - _A_WHILE_AGO
    os.utime(file, (before, before))
