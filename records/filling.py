"""Writes rows, as `records.snapshot` read them, into empty tables of the same revision."""

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine

from domain.errors import NotEmpty, RecordsError
from records.failures import is_of_the_database
from records.snapshot import stored_tables
from records.tables import LEFT_OUT, metadata

_AT_ONCE = 500  # rows

Rows = Iterable[tuple[str, Iterable[bytes]]]
"""The names of tables with the lines of each."""


def fill(connection: Connection, rows: Rows) -> None:
    """Inserts all rows in the caller's transaction. Raises RecordsError if they do not fit."""
    tables = {table.name: table for table in stored_tables(connection)}
    for name, lines in rows:
        if (table := tables.pop(name, None)) is None:
            raise _unfit(f"there is no table {name[:80]!r}, or it comes twice")
        _fill_table(connection, table, iter(lines))


def check_empty(connection: Connection) -> None:
    """Raises NotEmpty if tables of the newest revision have anything that a copy would hold."""
    for table in metadata.sorted_tables:
        held = select(table.primary_key.columns[0]).limit(1)
        if not table.info.get(LEFT_OUT) and connection.execute(held).first() is not None:
            raise NotEmpty("The database is not empty.", f"it has {table.name}")


def empty(connection: Connection) -> None:
    """Deletes all rows of the tables of the newest revision."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))


def _fill_table(connection: Connection, table: Table, lines: Iterator[bytes]) -> None:
    columns = _columns(table, next(lines, b""))
    own = _own_reference(table)
    links: list[dict[str, Any]] = []
    try:
        while some := list(islice(lines, _AT_ONCE)):
            rows = [_row(table, columns, line) for line in some]
            for row in rows if own else ():
                # The row that it refers to may come later.
                if (refers_to := row[own]) is not None:
                    links.append({**_key(table, row), "refers_to": refers_to})
                    row[own] = None
            connection.execute(table.insert(), rows)
        for link in links:
            refers_to = link.pop("refers_to")
            named = [table.c[name] == value for name, value in link.items()]
            connection.execute(table.update().where(*named).values({own: refers_to}))
        _continue_numbers(connection, table)
    # The others come from drivers: of numbers that are too large, and texts that are no UTF-8.
    except (SQLAlchemyError, ValueError, OverflowError) as e:
        if isinstance(e, SQLAlchemyError) and is_of_the_database(e):
            raise
        raise _unfit(f"{table.name}: {type(e).__name__}") from e


def _columns(table: Table, line: bytes) -> list[str]:
    names = _parsed(table, line)
    if len(set(map(str, names))) != len(names) or not {*map(str, names)} <= {*table.c.keys()}:
        raise _unfit(f"{table.name}: other columns")
    return [str(name) for name in names]


def _row(table: Table, columns: Sequence[str], line: bytes) -> dict[str, Any]:
    values = _parsed(table, line)
    if len(values) != len(columns):
        raise _unfit(f"{table.name}: a row with {len(values)} values")
    try:
        return {
            name: _stored(value, table.c[name].type)
            for name, value in zip(columns, values, strict=True)
        }
    except (ValueError, TypeError) as e:
        raise _unfit(f"{table.name}: {type(e).__name__}") from e


def _parsed(table: Table, line: bytes) -> list[Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as e:
        raise _unfit(f"{table.name}: a line that is no JSON") from e
    if not isinstance(values, list):
        raise _unfit(f"{table.name}: a line that is no row")
    return values


def _stored(value: Any, kind: TypeEngine[Any]) -> Any:
    """The value for a column of this type. Raises ValueError and TypeError."""
    if value is None or isinstance(kind, JSON):
        return value
    if isinstance(kind, DateTime):
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if kind.timezone else at.astimezone(UTC).replace(tzinfo=None)
    if isinstance(kind, LargeBinary):
        return b64decode(value, validate=True)
    # SQLite would take a value of any type.
    if isinstance(kind, Boolean):
        wanted: Any = bool
    elif isinstance(kind, Float):
        wanted = (int, float)
    else:
        wanted = int if isinstance(kind, Integer) else str
    if not isinstance(value, wanted):
        raise TypeError(value)
    return value


def _own_reference(table: Table) -> str:
    """The column that refers to another row of the same table; empty if there is none."""
    found = [one.parent.name for one in table.foreign_keys if one.column.table is table]
    return found[0] if found else ""


def _key(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.primary_key}


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Lets PostgreSQL number new rows after those that were written with their numbers."""
    [*keys] = table.primary_key
    if connection.dialect.name == "sqlite" or len(keys) != 1:
        return
    if isinstance(keys[0].type, Integer):
        last = connection.execute(select(func.max(keys[0]))).scalar()
        name = {"table": table.name, "column": keys[0].name, "last": last}
        if last is not None:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), name
            )


def _unfit(why: str) -> RecordsError:
    return RecordsError("The rows of the backup do not fit into this database.", why)
