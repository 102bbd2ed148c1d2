"""What the rows of a LanceDB table stand for: chunks, vectors and tokens, in a SQLite file.

The table finds chunks, and says which there are; it names them by numbers. What a chunk holds is
read here: twenty times as fast as from the table, whose merging of files would also rewrite all
of it, and hold as much in memory.

Chunks are written here before the table names them. What was replaced is deleted here some time
later, for a search may just have found it. So what a search finds is here, and after a crash there
is too much, never too little.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from time import time_ns
from typing import Any

from domain.documents import Chunk, Embedded
from domain.questions import Audience
from knowledge.index.stored_chunks import (
    CHUNK,
    Stored,
    labels_of,
    to_audience,
    to_bytes,
    to_chunk,
    to_columns,
)

_PRAGMAS = (
    "page_size=8192",  # fewer bytes are read and unused than with larger ones
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",  # somebody may have asked to have the text deleted
    "foreign_keys=ON",
    "journal_size_limit=67108864",
    "temp_store=FILE",
)
# A number is never used again, since the table may still name a chunk that is gone here. Tokens are
# by far the most, and seldom read: beside them the chunks would be far apart. The index holds the
# audiences too: those of all documents are read at once, and without it that reads the whole file.
_TABLES = """
    CREATE TABLE IF NOT EXISTS chunks (
        number INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, written INTEGER NOT NULL,
        place INTEGER NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
        audience TEXT NOT NULL, page INTEGER NOT NULL, slide INTEGER NOT NULL,
        sheet TEXT NOT NULL, anchor TEXT NOT NULL, vector BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS chunks_with_readers ON chunks (document, written, place, audience);
    DROP INDEX IF EXISTS chunks_of_documents;
    CREATE TABLE IF NOT EXISTS tokens (
        number INTEGER PRIMARY KEY REFERENCES chunks ON DELETE CASCADE, signs BLOB NOT NULL
    );
"""
_INSERT = "INSERT INTO chunks VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_WAIT = 60.0  # seconds for another process's write to end
_AT_ONCE = 500  # numbers or documents in one condition
_KEPT = 3_600 * 10**9
"""Nanoseconds that a chunk is kept after it was written, though the table does not name it."""


class Contents:
    """Keeps chunks in ``file``, which it creates. Several threads may use it at once.

    Its methods raise sqlite3.Error.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._writing = file, Lock()
        # With one connection a search would wait for a write.
        self._writer, self._reader = _connect(file), _connect(file)

    def add(self, writings: Iterable[tuple[Embedded, int]]) -> list[int]:
        """Adds the chunks of documents, and returns a number for each.

        With each document comes when it was written, in nanoseconds.
        """
        numbers: list[int] = []
        with self._write() as writer:
            for one, written in writings:
                for chunk, embedding in zip(one.chunks, one.embeddings, strict=True):
                    row = (one.document, written, *to_columns(chunk), to_bytes(embedding.vector))
                    number = writer.execute(_INSERT, row).lastrowid or 0
                    numbers.append(number)
                    if embedding.tokens:
                        signs = number, embedding.tokens
                        writer.execute("INSERT INTO tokens VALUES (?, ?)", signs)
        return numbers

    def find(self, numbers: Iterable[int]) -> Iterator[Stored]:
        """Those that there are."""
        query = f"SELECT number, vector, {CHUNK} FROM chunks WHERE number IN"  # noqa: S608
        for number, vector, *row in self._named(query, numbers):
            yield Stored(number, to_chunk(row), vector)

    def tokens(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The signs of those that have tokens."""
        return dict(self._named("SELECT number, signs FROM tokens WHERE number IN", numbers))

    def around(self, number: int, reach: int) -> list[Chunk]:
        """The chunk and those at most ``reach`` places away that were written with it, in order."""
        query = (
            f"SELECT {CHUNK} FROM chunks JOIN (SELECT document AS its, written AS then_, "  # noqa: S608
            "place AS at FROM chunks WHERE number = ?) ON document = its AND written = then_ "
            "WHERE place BETWEEN at - ? AND at + ? ORDER BY place"
        )
        return [to_chunk(row) for row in self._reader.execute(query, (number, reach, reach))]

    def audiences(
        self, documents: Collection[str] | None = None
    ) -> Iterator[tuple[str, int, Audience]]:
        """The audiences of documents, by default of all, each with when it was written."""
        query = "SELECT DISTINCT document, written, audience FROM chunks"
        rows: Iterable[Any] = (
            self._reader.execute(query)
            if documents is None
            else self._named(f"{query} WHERE document IN", documents)
        )
        for document, written, labels in rows:
            yield document, written, to_audience(labels)

    def count(self) -> int:
        """How many chunks there are, also of those that were replaced."""
        [(count,)] = self._reader.execute("SELECT count(*) FROM chunks")
        return int(count)

    def set_audience(self, audience: Audience, documents: Collection[str]) -> None:
        with self._write() as writer:
            writer.executemany(
                "UPDATE chunks SET audience = ? WHERE document = ?",
                [(labels_of(audience), document) for document in documents],
            )

    def remove(self, numbers: Iterable[int]) -> None:
        with self._write() as writer:
            rows = [(number,) for number in numbers]
            writer.executemany("DELETE FROM chunks WHERE number = ?", rows)

    def forget(self, documents: Collection[str]) -> None:
        """Deletes all that was ever written of them, and overwrites it on the disk."""
        with self._write() as writer:
            rows = [(document,) for document in documents]
            writer.executemany("DELETE FROM chunks WHERE document = ?", rows)
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def remove_others(self, numbers: Iterable[int]) -> None:
        """Deletes what is not among ``numbers``, unless it was written just now.

        Others can write meanwhile.
        """
        with closing(_connect(self._file)) as beside:
            beside.execute("CREATE TEMP TABLE named (number INTEGER PRIMARY KEY)")
            beside.executemany("INSERT INTO named VALUES (?)", ((one,) for one in numbers))
            beside.commit()
            query = "SELECT number FROM chunks WHERE written < ? AND number NOT IN named"
            others = [number for (number,) in beside.execute(query, (time_ns() - _KEPT,))]
        for start in range(0, len(others), _AT_ONCE):
            self.remove(others[start : start + _AT_ONCE])

    def close(self) -> None:
        with self._writing:
            self._writer.close()
            self._reader.close()

    def _named(self, query: str, names: Iterable[int | str]) -> Iterator[Any]:
        wanted = list(names)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            yield from self._reader.execute(f"{query} ({','.join('?' * len(some))})", some)

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._writer:
            self._writer.execute("BEGIN IMMEDIATE")
            yield self._writer


def delete(file: Path) -> None:
    """Deletes the contents of a table that is gone."""
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_WAIT, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_TABLES)
    return connection
