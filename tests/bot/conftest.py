from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from records.database import Database
from tests.bot.running_bot import RunningBot, http_bot
from tests.slack_double import SlackDouble, slack_double


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double


@pytest.fixture
def database_file(template: Path, tmp_path: Path) -> Path:
    return Path(copy(template, tmp_path / "phi3.db"))


@pytest.fixture
def database(database_file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{database_file}")
    yield database
    database.close()


@pytest.fixture
def running(slack: SlackDouble, database_file: Path) -> Iterator[RunningBot]:
    with http_bot(slack, database_file) as running:
        yield running
