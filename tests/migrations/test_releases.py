"""A database of each released version is upgraded with all that is in it, and goes back as well."""

import json
from contextlib import closing

import pytest
from sqlalchemy import select

import migrations
from records.database import Database
from records.filling import fill
from records.snapshot import snapshot, stored_tables
from records.tables import LEFT_OUT, metadata
from tests.migrations.release import Release, released, rows_of

RELEASES = released()


def each_release() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("release", RELEASES, ids=lambda one: one.program)


def make(url: str, release: Release) -> None:
    """The database as that version had it."""
    migrations.upgrade(url, release.revision)
    with closing(Database(url)) as db, db.session() as connection:
        tables = metadata.sorted_tables
        ordered = [one.name for one in tables if one.name in release.tables]
        gone = [name for name in release.tables if name not in ordered]
        fill(connection, ((name, release.tables[name]) for name in [*gone, *ordered]))


def stored(url: str, release: Release) -> dict[str, list[dict[str, object]]]:
    """The rows, as far as that version knew their tables and columns."""
    found = {}
    with snapshot(url) as rows:
        for name in rows.tables:
            if name in release.tables:
                columns = json.loads(release.tables[name][0])
                here, *lines = map(json.loads, rows.lines(name))
                read = [dict(zip(here, line, strict=True)) for line in lines]
                kept = [{one: row[one] for one in columns if one in row} for row in read]
                found[name] = sorted(kept, key=str)
    return found


def expected(release: Release) -> dict[str, list[dict[str, object]]]:
    found = {}
    for name, (columns, *lines) in release.tables.items():
        names = json.loads(columns)
        rows = [dict(zip(names, json.loads(line), strict=True)) for line in lines]
        found[name] = sorted(rows, key=str)
    return found


@each_release()
def test_what_is_kept_of_a_release_has_a_value_in_every_column_of_every_table(
    url: str, release: Release
) -> None:
    migrations.upgrade(url, release.revision)
    with closing(Database(url)) as db, db.reading() as connection:
        tables = {one.name: {*one.c.keys()} for one in stored_tables(connection)}
    is_left_out = {one.name for one in metadata.sorted_tables if one.info.get(LEFT_OUT)}
    assert release.tables.keys() == tables.keys() - is_left_out
    for name, rows in expected(release).items():
        has_value = {column for row in rows for column, value in row.items() if value is not None}
        assert has_value == tables[name], name


@pytest.mark.slow
@each_release()
def test_everything_in_a_database_of_a_release_is_there_after_the_upgrade(
    url: str, release: Release
) -> None:
    make(url, release)
    before = stored(url, release)
    assert before == expected(release)
    migrations.upgrade(url)
    assert stored(url, release) == before
    with closing(Database(url)) as db:
        db.check()
        with db.reading() as connection:
            for table in metadata.sorted_tables:
                connection.execute(select(table)).all()  # the values of the domain can be read


@pytest.mark.slow
@each_release()
def test_a_database_that_goes_back_to_a_release_and_comes_again_keeps_what_that_could_hold(
    url: str, release: Release
) -> None:
    migrations.upgrade(url)
    with closing(Database(url)) as db, db.session() as connection:
        for table in metadata.sorted_tables:
            for row in rows_of(table):
                connection.execute(table.insert().values(row))
    before = stored(url, release)
    assert all(len(rows) == 3 for rows in before.values())
    migrations.downgrade(url, release.revision)
    assert migrations.current(url) == release.revision
    assert stored(url, release) == before
    migrations.upgrade(url)
    assert stored(url, release) == before
