"""A running console and, where a Chromium is, a real browser that looks at it.

Tests that ask for ``page`` or ``browser`` are marked `browser` and `slow`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from records.database import Database, url_of
from tests.conftest import address
from tests.console.browsers import signed_in_page
from tests.console.made_data import make_week
from tests.console.running_console import RunningConsole, running


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = address("PHI3_TEST_CHROMIUM", "a Chromium")
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
