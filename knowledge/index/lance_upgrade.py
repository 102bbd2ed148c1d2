"""Writes a LanceDB table anew that an earlier version wrote, whose rows held all of the chunks.

The new table is made beside the old one, and takes its place when it is complete. If the program is
killed meanwhile, the next one begins again, or finishes.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow as pa

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.questions import Audience
from knowledge.index import contents, places
from knowledge.index.contents import Contents
from knowledge.index.lance_rows import to_rows

_log = logging.getLogger(__name__)

_PAGE = 500  # rows
_TELL = 5.0
"""Seconds between two lines about how far it is."""


def is_earlier(table: Any) -> bool:
    return "number" not in table.schema.names


def upgrade(database: Any, table: Any, folder: Path, schema: pa.Schema, file: Path) -> None:
    """Replaces ``table``; what it holds comes into ``file``."""
    name = table.name
    _log.info("The index %s is brought up to date.", name)
    made = f"{name}_made"
    database.drop_table(made, ignore_missing=True)
    contents.delete(file)
    new, kept = database.create_table(made, schema=schema), Contents(file)
    total, done, told = table.count_rows(), 0, monotonic()
    for page in table.search().limit(None).to_batches(_PAGE):
        for written, documents in _written(page.to_pylist()):
            numbers = kept.add((one, written) for one in documents)
            new.add(to_rows(documents, numbers, written, schema))
        done += page.num_rows
        if monotonic() - told > _TELL:
            _log.info("%s of its %s passages are done.", f"{done:,}", f"{total:,}")
            told = monotonic()
    kept.close()
    _lance(folder, name).rename(_lance(folder, f"{name}_earlier"))
    finish(folder, name)


def finish(folder: Path, name: str) -> None:
    """Goes on where a program was killed after the new table was complete."""
    made, earlier = _lance(folder, f"{name}_made"), _lance(folder, f"{name}_earlier")
    if earlier.exists():
        if not _lance(folder, name).exists():
            made.rename(_lance(folder, name))
        shutil.rmtree(earlier)


def _lance(folder: Path, name: str) -> Path:
    return folder / f"{name}.lance"


def _written(rows: list[dict[str, Any]]) -> Iterator[tuple[int, list[Embedded]]]:
    """The documents of a page, by when they were written."""

    def when(row: Mapping[str, Any]) -> int:
        return row.get("written") or 0

    def document(row: Mapping[str, Any]) -> str:
        return str(row.get("document") or row["source"])

    for written, its in groupby(sorted(rows, key=when), key=when):
        grouped = groupby(sorted(its, key=document), key=document)
        yield written, [_embedded(name, list(of)) for name, of in grouped]


def _embedded(document: str, rows: list[dict[str, Any]]) -> Embedded:
    chunks = [
        Chunk(
            id=row["id"],
            document=document,
            title=row["title"],
            text=row["text"],
            audience=Audience(frozenset(row["audience"])),
            where=places.where_of(row),
            place=places.place_of(row),
        )
        for row in rows
    ]
    embeddings = [Embedding(row["vector"], row.get("tokens") or b"") for row in rows]
    return Embedded(document, chunks, embeddings)
