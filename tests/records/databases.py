"""Databases for tests: a copy of a migrated SQLite file, and a separate PostgreSQL schema."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text

import migrations
from records.database import Database, parse, url_of
from records.tables import metadata


def migrated_sqlite(file: Path, template: Path) -> str:
    """The URL of a new database at ``file``, a copy of ``template``, which it creates."""
    if not template.exists():
        migrations.upgrade(url_of(template))
    shutil.copyfile(template, file)
    return url_of(file)


def empty(db: Database) -> None:
    with db.session() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@contextmanager
def postgres_schema(url: str) -> Iterator[str]:
    """The URL of an empty schema on the server at ``url``; dropped at the end."""
    name = f"test_{uuid4().hex[:12]}"
    engine = create_engine(parse(url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        own = parse(url).update_query_dict({"options": f"-csearch_path={name}"})
        yield own.render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    finally:
        engine.dispose()
