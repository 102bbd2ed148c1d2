"""Each test that asks for ``url`` runs on an empty SQLite path and an empty PostgreSQL schema."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

import migrations
from records.database import file_of, url_of
from tests.records.databases import postgres_schema

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return url_of(tmp_path / "home" / "phi3" / "phi3.db")


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[str]:
    with postgres_schema(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest) -> str:
    value = request.getfixturevalue(request.param)
    assert isinstance(value, str)
    return value


@pytest.fixture
def migrated(url: str, template: Path) -> None:
    """Brings ``url`` to the newest revision; SQLite's file is a copy, which takes no time."""
    if file := file_of(url):
        file.parent.mkdir(parents=True)
        copyfile(template, file)
    else:
        migrations.upgrade(url)
