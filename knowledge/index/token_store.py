"""The signs of tokens beside a LanceDB table: a SQLite file, by the ids of the chunks.

They are most of an index's bytes, and only few are read. In the table, each merging of its files
would rewrite them, and hold as many in memory; a search would read them four times as slowly.

The table says which chunks there are. Tokens are written before their chunks, and deleted later
than them, so that after a crash there may be some too many, never too few.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from time import time

_PRAGMAS = (
    "page_size=16384",  # most rows fit into one
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",  # somebody may have asked to have the text deleted
    "journal_size_limit=67108864",
    "temp_store=FILE",
)
_TABLE = """
    CREATE TABLE IF NOT EXISTS tokens (
        id TEXT NOT NULL UNIQUE, written INTEGER NOT NULL, signs BLOB NOT NULL
    )
"""
_WAIT = 60.0  # seconds for another process's write to end
_AT_ONCE = 500  # ids in one condition
_FRESH = 600
"""Seconds in which the chunks of tokens will have been written, or their writer is gone."""


class TokenStore:
    """Keeps tokens in ``file``, which it creates. Several threads may use it at once.

    Its methods raise sqlite3.Error.
    """

    def __init__(self, file: Path) -> None:
        self._reading, self._writing = Lock(), Lock()
        # A search does not wait for a write, as it would with one connection.
        self._writer = _connect(file)
        self._reader = _connect(file)

    def put(self, tokens: Iterable[tuple[str, bytes]]) -> None:
        """Keeps the tokens of these ids; the latest of an id is kept."""
        now = int(time())
        with self._write() as writer:
            writer.executemany(
                "INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (id) "
                "DO UPDATE SET written = excluded.written, signs = excluded.signs",
                ((name, now, signs) for name, signs in tokens if signs),
            )

    def get(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The tokens of those ids that have any."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, bytes] = {}
        with self._reading:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT id, signs FROM tokens WHERE id IN ({marks})"  # noqa: S608
                found.update(self._reader.execute(query, some))
        return found

    def remove_others(self, chunks: Iterable[str]) -> None:
        """Deletes the tokens of ids that are not among ``chunks``, unless they are of just now."""
        before = int(time()) - _FRESH
        with self._write() as writer:
            writer.execute("CREATE TEMP TABLE kept (id TEXT PRIMARY KEY) WITHOUT ROWID")
            writer.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((one,) for one in chunks))
            writer.execute(
                "DELETE FROM tokens WHERE written <= ? AND id NOT IN (SELECT id FROM kept)",
                (before,),
            )
            writer.execute("DROP TABLE kept")

    def remove(self, chunks: Collection[str]) -> None:
        with self._write() as writer:
            writer.executemany("DELETE FROM tokens WHERE id = ?", ((one,) for one in chunks))

    def close(self) -> None:
        with self._writing, self._reading:
            self._writer.close()
            self._reader.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._writer:
            self._writer.execute("BEGIN IMMEDIATE")
            yield self._writer


def delete(file: Path) -> None:
    """Deletes the tokens of an index that is gone."""
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_WAIT, check_same_thread=False)
    with closing(connection.cursor()) as cursor:
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(_TABLE)
    return connection
