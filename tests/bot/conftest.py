import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copy

import pytest

from records.database import Database
from tests.bot.running_bot import RunningBot, http_bot
from tests.bot.sender import Sender
from tests.slack_double import SECRET, SlackDouble, slack_double

Start = Callable[[float], tuple["subprocess.Popen[str]", Sender]]


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


@pytest.fixture
def start(slack: SlackDouble, database_file: Path) -> Iterator[Start]:
    """Starts the bot as a process; it pauses for ``pause`` seconds between two words."""
    with ExitStack() as running:

        def one(pause: float) -> tuple["subprocess.Popen[str]", Sender]:
            command = [sys.executable, "-m", "tests.bot.victim", slack.url, database_file, pause]
            process = running.enter_context(
                subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
            )
            running.callback(process.kill)
            assert process.stdout
            return process, Sender(int(process.stdout.readline()), SECRET)

        yield one
