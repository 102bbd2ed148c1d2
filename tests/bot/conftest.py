from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

import migrations
from records.database import Database
from tests.bot.running_bot import RunningBot, http_bot
from tests.slack_double import SlackDouble, slack_double


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows; tests use copies of it."""
    file = tmp_path_factory.mktemp("migrated") / "phi3.db"
    migrations.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def database_file(migrated: Path, tmp_path: Path) -> Path:
    return Path(copy(migrated, tmp_path / "phi3.db"))


@pytest.fixture
def database(database_file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{database_file}")
    yield database
    database.close()


@pytest.fixture
def running(slack: SlackDouble, database_file: Path) -> Iterator[RunningBot]:
    with http_bot(slack, database_file) as running:
        yield running
