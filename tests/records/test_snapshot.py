"""What is read from one database is written to the other, and nothing changes."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, DateTime, Float, Integer, LargeBinary, Table, text

import migrations
from domain.errors import DatabaseDamaged, NotEmpty, RecordsError
from records.database import Database
from records.filling import fill
from records.jobs import Jobs
from records.questions import Questions
from records.snapshot import Snapshot, snapshot, stored_tables
from records.tables import LEFT_OUT, metadata
from tests.records.databases import migrated_sqlite, postgres_schema
from tests.records.makers import claim_of, question, source_job

ROWS = 3
TEXT = "\N{SNOWMAN} Ünï \U0001f600 'quoted' \"twice\" \\ \n\t\x1a0000"


def fill_every_table(db: Database) -> None:
    """Three rows in each table: the second has nothing where nothing may be."""
    with db.session() as connection:
        for table in stored_tables(connection):
            if not metadata.tables[table.name].info:
                connection.execute(table.insert(), [row(table, n) for n in range(1, ROWS + 1)])


def row(table: Table, n: int) -> dict[str, Any]:
    return {column.name: value(table, column.name, n) for column in table.c}


def value(table: Table, name: str, n: int) -> Any:
    column = table.c[name]
    if column.nullable and n == 2:
        return None
    for key in column.foreign_keys:
        if key.column.table is table:
            return f"{table.name}-{key.column.name}-{n - 1}" if n > 1 else None
        return f"{key.column.table.name}-{key.column.name}-{n}"
    kind = column.type
    if isinstance(kind, JSON):
        return {"n": n, "texts": [TEXT, "\ud800"], "nothing": None, "share": 0.1 + 0.2}
    if isinstance(kind, DateTime):
        at = datetime(2026, 3, 29, 1, 30, n, 123456, tzinfo=UTC)
        return at if kind.timezone else at.replace(tzinfo=None)
    if isinstance(kind, LargeBinary):
        return bytes([0, 255, n])
    if isinstance(kind, Boolean):
        return n % 2 == 1
    if isinstance(kind, Float):
        return 1 / 3 * n
    if isinstance(kind, Integer):
        return 1000 + n
    return f"{table.name}-{name}-{n}" if column.primary_key or column.unique else f"{TEXT}{n}"


def every_line(url: str) -> dict[str, list[bytes]]:
    with snapshot(url) as rows:
        return {table: sorted(rows.lines(table)) for table in rows.tables}


def copy(source: str, to: str, *, replace: bool = False) -> None:
    with snapshot(source) as rows:
        lines = ((table, rows.lines(table)) for table in rows.tables)
        migrations.fill(
            to, migrations.heads()[0], lambda connection: fill(connection, lines), replace=replace
        )


@pytest.fixture
def other(tmp_path: Path, template: Path) -> str:
    return migrated_sqlite(tmp_path / "other.db", template)


def test_every_table_of_the_database_is_in_a_copy_unless_it_says_why_not(
    db: Database, url: str
) -> None:
    left_out = {table.name for table in metadata.sorted_tables if table.info.get(LEFT_OUT)}
    assert left_out == {
        *("collection_progress", "live_index"),
        *("console_links", "console_sessions", "install_states"),  # secrets, or their hashes
    }
    encrypted = metadata.tables["installations"].c.tokens
    for column in (
        each for name in metadata.tables.keys() - left_out for each in metadata.tables[name].c
    ):
        is_secret = any(word in column.name for word in ("hash", "token", "secret", "password"))
        assert not is_secret or column is encrypted, column
    with snapshot(url) as rows:
        assert {*rows.tables} == metadata.tables.keys() - left_out


@pytest.mark.slow
def test_rows_go_to_sqlite_and_back_unchanged(db: Database, url: str, other: str) -> None:
    fill_every_table(db)
    before = every_line(url)
    assert all(len(lines) == ROWS + 1 for lines in before.values())
    copy(url, other)
    assert every_line(other) == before
    copy(other, url, replace=True)
    assert every_line(url) == before


@pytest.mark.postgres
def test_rows_go_from_postgres_to_postgres_unchanged(postgres: str, postgres_url: str) -> None:
    with closing(Database(postgres)) as db:
        fill_every_table(db)
    with postgres_schema(postgres_url) as to:
        copy(postgres, to)
        assert every_line(to) == every_line(postgres)


def test_new_rows_are_numbered_after_those_of_the_copy(db: Database, url: str, other: str) -> None:
    with closing(Database(other)) as filled:
        Jobs(filled).add([source_job(1), source_job(2)])
    copy(other, url)
    Jobs(db).add([source_job(3)])
    assert len({job.id for n in (1, 2, 3) for job in Jobs(db).of_request(f"request-{n}")}) == 3


def test_rows_are_those_of_one_moment(db: Database, url: str) -> None:
    Questions(db).claim([claim_of(question(1))])
    with snapshot(url) as rows:
        Questions(db).claim([claim_of(question(2))])
        assert len([*rows.lines("questions")]) == 2
        assert len([*rows.lines("jobs")]) == 2
    assert len(Questions(db).unfinished()) == 2


def test_a_database_with_rows_is_not_filled(db: Database, url: str, other: str) -> None:
    Questions(db).claim([claim_of(question())])
    with pytest.raises(NotEmpty):
        copy(other, url)
    assert Questions(db).unfinished() == [question()]
    copy(other, url, replace=True)
    assert Questions(db).unfinished() == []


def hostile(kind: str) -> Iterator[tuple[str, list[bytes]]]:
    columns = json.dumps(["id", "kind"]).encode()
    lines: dict[str, list[tuple[str, list[bytes]]]] = {
        "an unknown table": [("alembic_version", [b'["version_num"]'])],
        "a table that comes twice": [("jobs", [b'["id"]']), ("jobs", [b'["id"]'])],
        "another column": [("jobs", [b'["id", "DROP TABLE"]'])],
        "a column that comes twice": [("jobs", [b'["id", "id"]'])],
        "no columns": [("jobs", [])],
        "no JSON": [("jobs", [columns, b"{"])],
        "brackets": [("jobs", [columns, b"[" * 100_000])],
        "no row": [("jobs", [columns, b"{}"])],
        "a row that is too short": [("jobs", [columns, b"[1]"])],
        "a value of another type": [("jobs", [columns, b'["1", "source"]'])],
        "a value that is missing": [("jobs", [columns, b'[1, "source"]'])],
        "an unknown reference": [("grants", [b'["source", "label", "by", "since"]',
                                             b'["a", "b", "c", "2026-01-01T00:00:00+00:00"]'])],
        "a time that is none": [("install_states", [b'["state", "until"]', b'["a", "tomorrow"]'])],
        "bytes that are none": [("versions", [
            b'["document", "subject", "family", "sketch", "codes"]', b'["a", "b", "c", "*", ""]'])],
    }  # fmt: skip
    yield from lines[kind]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    ["an unknown table", "a table that comes twice", "another column", "a column that comes twice",
     "no columns", "no JSON", "brackets", "no row", "a row that is too short",
     "a value of another type", "a value that is missing", "an unknown reference",
     "a time that is none", "bytes that are none"],
)  # fmt: skip
def test_rows_that_do_not_fit_are_refused_and_leave_the_database_as_it_was(
    db: Database, url: str, kind: str
) -> None:
    Questions(db).claim([claim_of(question())])
    with pytest.raises(RecordsError, match="do not fit"):
        migrations.fill(
            url,
            migrations.heads()[0],
            lambda connection: fill(connection, hostile(kind)),
            replace=True,
        )
    assert Questions(db).unfinished() == [question()]


@pytest.mark.slow
def test_a_damaged_file_is_not_taken_for_rows_that_do_not_fit(sqlite: str, other: str) -> None:
    with closing(Database(other)) as db:
        Questions(db).claim([claim_of(question(n)) for n in range(100)])
    file = Path(sqlite.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE large (content BLOB)")
        database.execute("INSERT INTO large VALUES (zeroblob(100000))")
        database.execute("DROP TABLE large")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as pages:
        # The file's header names the page that lists the free pages, which new rows take.
        size, free = 4096, int.from_bytes(pages.read(36)[32:])
        pages.seek((free - 1) * size)
        pages.write(b"\xff" * size)
    with pytest.raises(DatabaseDamaged, match="is damaged"):
        copy(other, sqlite)


def test_bytes_are_read_as_text(db: Database, url: str) -> None:
    fill_every_table(db)
    with snapshot(url) as rows:
        [columns, *lines] = map(json.loads, rows.lines("versions"))
    sketches = [line[columns.index("sketch")] for line in lines]
    assert sketches == [b64encode(bytes([0, 255, n])).decode() for n in (1, 2, 3)]


def test_documents_are_counted_as_the_sources_say(db: Database, url: str) -> None:
    with db.session() as connection:
        for uri, state, document, chunks in (
            ("/a", "indexed", "d1", 3),
            ("/b", "indexed", "d1", 3),
            ("/c", "removed", "", 0),
            ("/d", "failed", "d2", 0),
        ):
            connection.execute(
                text(
                    "INSERT INTO sources (uri, state, requested_by, updated_at, title, checksum, "
                    "chunks, attempts, reason, document) VALUES (:uri, :state, '', "
                    "'2026-01-01 00:00:00', '', '', :chunks, 0, '', :document)"
                ),
                {"uri": uri, "state": state, "document": document, "chunks": chunks},
            )
    with snapshot(url) as rows:
        assert isinstance(rows, Snapshot)
        assert rows.documents() == {"d1": 3}


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just("\ud800")
    | st.just("2026-01-01T00:00:00+00:00")
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@pytest.mark.slow
@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_rows_of_any_values_are_stored_or_refused(
    url: str, db: Database, data: st.DataObject
) -> None:
    table = metadata.tables[data.draw(st.sampled_from(sorted(metadata.tables)))]
    row = data.draw(st.lists(values, min_size=len(table.c), max_size=len(table.c)))
    lines = [json.dumps([*table.c.keys()]).encode(), json.dumps(row).encode()]
    with pytest.raises(RecordsError) as caught:  # noqa: PT012
        with db.session() as connection:
            fill(connection, [(table.name, lines)])
        raise RecordsError("do not fit: it was stored")
    assert "do not fit" in str(caught.value)
