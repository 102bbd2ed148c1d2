"""Each test that asks for ``url`` or ``db`` runs on SQLite and on PostgreSQL, in empty tables."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import migrations
from records.database import Database
from tests.records.databases import empty, migrated_sqlite, postgres_schema

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "phi3.db"


@pytest.fixture
def sqlite(tmp_path: Path, template: Path) -> str:
    return migrated_sqlite(tmp_path / "phi3.db", template)


@pytest.fixture(scope="session")
def postgres_tables(postgres_url: str) -> Iterator[str]:
    with postgres_schema(postgres_url) as url:
        migrations.upgrade(url)
        yield url


@pytest.fixture
def postgres(postgres_tables: str) -> str:
    with closing(Database(postgres_tables)) as database:
        empty(database)
    return postgres_tables


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest) -> str:
    value = request.getfixturevalue(request.param)
    assert isinstance(value, str)
    return value


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with closing(Database(url)) as database:
        yield database
