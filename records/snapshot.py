"""All rows of the database as they were at one moment, while others go on writing.

A row is a line of JSON that is the same from SQLite and from PostgreSQL, so that what was read from
one can be written to the other (`records.filling`). SQLite's WAL mode and PostgreSQL's REPEATABLE
READ both show one transaction the same rows until it ends; neither keeps a writer waiting.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, LargeBinary, MetaData, Table, func, select, text
from sqlalchemy.types import TypeEngine

from records.database import describe, open_engine
from records.failures import translated
from records.tables import LEFT_OUT, metadata

_AT_ONCE = 500  # rows in memory


class Snapshot:
    """The rows of every table that belongs into a copy, without those that hold for a moment only.

    Its methods raise DatabaseUnavailable while it is open.
    """

    def __init__(self, connection: Connection, where: str) -> None:
        self._connection, self._where = connection, where
        self._tables = {table.name: table for table in stored_tables(connection)}

    @property
    def tables(self) -> list[str]:
        """The names of the tables; one that refers to another comes after it."""
        return [
            name
            for name in self._tables
            if name in metadata.tables and not metadata.tables[name].info.get(LEFT_OUT)
        ]

    def lines(self, table: str) -> Iterator[bytes]:
        """The names of a table's columns, and then each row's values, in the same order."""
        read = self._tables[table]
        yield _line([column.name for column in read.c])
        kinds = [column.type for column in read.c]
        with translated(self._where):
            found = self._connection.execution_options(yield_per=_AT_ONCE).execute(select(read))
            for row in found:
                yield _line([_plain(value, kind) for value, kind in zip(row, kinds, strict=True)])

    def documents(self) -> dict[str, int]:
        """The documents that sources have, and how many passages each has in the index."""
        its = self._tables["sources"].c
        query = select(its.document, func.max(its.chunks)).where(its.document != "")
        with translated(self._where):
            rows = self._connection.execute(query.group_by(its.document)).all()
        return {document: chunks for document, chunks in rows if chunks}


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Keep it open for as short as possible: meanwhile SQLite's write-ahead log only grows, and
    PostgreSQL keeps what was deleted. Raises DatabaseUnavailable.
    """
    where = describe(url)
    engine = open_engine(url, long=True)
    try:
        with translated(where), engine.connect() as connection:
            options = (
                {"phi3_reads": True}
                if connection.dialect.name == "sqlite"
                else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            with connection.execution_options(**options), connection.begin():
                # SQLite's transaction sees what was committed before its first query.
                connection.execute(text("SELECT version_num FROM alembic_version")).all()
                yield Snapshot(connection, where)
    finally:
        engine.dispose()


def stored_tables(connection: Connection) -> list[Table]:
    """The tables as the database has them, whatever its revision, in the order of their references.

    Their columns give what is stored: not the values of the domain.
    """
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _plain(value: Any, kind: TypeEngine[Any]) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        return _utc(value).isoformat()
    if isinstance(kind, LargeBinary):
        return b64encode(value).decode()
    return value


def _utc(value: datetime) -> datetime:
    """SQLite has no zones: what it stores is UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
