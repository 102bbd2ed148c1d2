"""Writes what the database of a released version holds: three rows of every table.

    python -m tests.migrations.release 0.1.0 0046 > tests/migrations/releases/0.1.0.json

It is run once, when that version is released: the tables and codecs are those of its program. Each
row has other values; in the second one nothing stands where nothing may.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Boolean, Float, Integer, LargeBinary, Table

import migrations
from domain.questions import Audience, Message
from domain.rules import Rules
from records import codecs
from records.columns import AsJson, Choice, Seconds, UtcTime
from records.database import Database, url_of
from records.snapshot import snapshot, stored_tables
from records.tables import LEFT_OUT, metadata
from tests.records.makers import PASSAGE, answer, finished, later, question

FOLDER = Path(__file__).parent / "releases"

_EXAMPLE = answer(question())
JSONS = {
    codecs.AUDIENCE: Audience.of("everyone", "channel:T1:C1"),
    codecs.RULES: Rules(),
    codecs.TEXTS: ("one", "two"),
    codecs.MESSAGES: (Message("user", "Hello"),),
    codecs.CITATIONS: _EXAMPLE.citations,
    codecs.PASSAGES: (PASSAGE,),
    codecs.SENTENCES: _EXAMPLE.sentences,
    codecs.TIMINGS: _EXAMPLE.timings,
    codecs.COUNTS: {"too long": 3},
    codecs.DIFFERENCES: {"a1": 0.5},
}


@dataclass(frozen=True, slots=True)
class Release:
    """``tables`` has the lines of each table, as `records.snapshot` reads them."""

    program: str
    revision: str
    tables: Mapping[str, list[bytes]]


def released() -> list[Release]:
    """All of them, the oldest first."""
    found = [json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))]
    return [
        Release(
            one["program"],
            one["revision"],
            {name: [_line(row) for row in rows] for name, rows in one["tables"].items()},
        )
        for one in found
    ]


def rows_of(table: Table) -> list[dict[str, Any]]:
    """Three rows of a table, as its types take them."""
    return [{column.name: _value(table, column.name, n) for column in table.c} for n in range(3)]


def _value(table: Table, name: str, n: int) -> Any:
    column = table.c[name]
    kind = column.type
    if column.nullable and n == 1:
        return None
    for key in column.foreign_keys:
        if key.column.table is table:
            return f"{table.name}-{key.column.name}-{n - 1}" if n else None
        return f"{key.column.table.name}-{key.column.name}-{n}"
    if isinstance(kind, AsJson):
        return _json(kind.codec)
    if isinstance(kind, Choice):
        return [*kind.members][n % len(kind.members)]
    if isinstance(kind, UtcTime):
        return later(n + 0.5)
    if isinstance(kind, Seconds):
        return timedelta(minutes=n + 15)
    if isinstance(kind, LargeBinary):
        return bytes(range(n, n + 16))
    if isinstance(kind, Boolean):
        return n % 2 == 0
    if isinstance(kind, Float):
        return (n + 1) / 3
    if isinstance(kind, Integer):
        return 10 + n
    return f"{table.name}-{name}-{n}"


def _json(codec: codecs.Codec[Any]) -> Any:
    if codec is codecs.EVALUATION:
        from domain.adapters import Outcome, TrainingRun

        run = TrainingRun("r", Outcome.RUNNING, started_at=later(0), heartbeat_at=later(0))
        return finished(run).evaluation
    return next(value for known, value in JSONS.items() if known is codec)


def _line(row: list[Any]) -> bytes:
    return json.dumps(row).encode() + b"\n"


def main(program: str, revision: str) -> None:
    with TemporaryDirectory() as folder:
        url = url_of(Path(folder) / "phi3.db")
        migrations.upgrade(url, revision)
        with closing(Database(url)) as db, db.session() as connection:
            for old in stored_tables(connection):
                new = metadata.tables[old.name]
                if not new.info.get(LEFT_OUT):
                    for row in rows_of(new):
                        kept = {name: value for name, value in row.items() if name in old.c}
                        connection.execute(new.insert().values(kept))
        with snapshot(url) as rows:
            there = {name: [*map(json.loads, rows.lines(name))] for name in rows.tables}
    made = {"program": program, "revision": revision, "tables": there}
    print(json.dumps(made, indent=1))  # noqa: T201


if __name__ == "__main__":
    main(*islice(sys.argv, 1, 3))
