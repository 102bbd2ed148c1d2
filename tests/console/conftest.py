"""A running console and, where a Chromium is, a real browser that looks at it.

Tests that ask for ``page`` or ``browser`` are marked `browser` and `slow`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cli.console_sources import source_needs
from cli.settings import Settings
from cli.wiring import Container
from domain.documents import Source, SourceState
from records.database import Database, url_of
from records.sources import Sources
from tests.conftest import address
from tests.console.browsers import signed_in_page
from tests.console.made_data import make_week
from tests.console.running_console import RunningConsole, running
from tests.console.small_expert import PASSAGE, SmallExpert


@pytest.fixture
def database(tmp_path: Path, template: Path) -> Iterator[Database]:
    shutil.copyfile(template, tmp_path / "phi3.db")
    with closing(Database(url_of(tmp_path / "phi3.db"))) as opened:
        yield opened


@pytest.fixture
def console(database: Database) -> Iterator[RunningConsole]:
    """Without data; what `RunningConsole.database` gets is shown."""
    with running(database) as started:
        yield started


@pytest.fixture
def busy(console: RunningConsole) -> RunningConsole:
    """The same console, with what a team did in a week (tests/console/made_data.py)."""
    make_week(console.database)
    return console


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    with Container(Settings(_env_file=None, home=tmp_path / "home")) as made:
        yield made


@pytest.fixture
def console_of(container: Container) -> Iterator[RunningConsole]:
    """With the container's real sources."""
    with running(container.database, sources=source_needs(container)) as started:
        yield started


@pytest.fixture
def expert(database: Database) -> SmallExpert:
    return SmallExpert(database)


@pytest.fixture
def asking(database: Database, expert: SmallExpert) -> Iterator[RunningConsole]:
    """With a document that everybody may read, and a small expert that answers from it."""
    leave = Source(PASSAGE.source, PASSAGE.audience, SourceState.INDEXED, "U1", datetime.now(UTC))
    Sources(database).save(leave)
    with running(database, asking=expert.needs) as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = address("PHI3_TEST_CHROMIUM", "a Chromium")
    expect.set_options(timeout=30_000)  # 5 seconds are few on a busy machine
    with sync_playwright() as playwright:
        # Root may not use its sandbox.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(console: RunningConsole, browser: Browser) -> Iterator[Page]:
    """The first page, of an admin who has just signed in."""
    with signed_in_page(console, browser) as page:
        yield page


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: PHI3_TEST_PICTURES, to look at them, or else a folder of the test."""
    folder = Path(os.environ.get("PHI3_TEST_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
