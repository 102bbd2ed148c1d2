"""How long a call waits for a locked SQLite database while somebody waits for a response."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import migrations
from domain.errors import DatabaseUnavailable
from records.database import Database, url_of
from records.patience import patience, waiting_at_most


def test_listener_waits_less_for_the_lock(tmp_path: Path) -> None:
    file = tmp_path / "phi3.db"
    migrations.upgrade(url_of(file))
    with closing(Database(url_of(file))) as database:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with (
                waiting_at_most(0.01),
                pytest.raises(DatabaseUnavailable, match="locked"),
                database.session(),
            ):
                pass
        with database.session():  # the normal wait, once it is free
            pass


def test_limit_covers_all_writes_of_the_block() -> None:
    assert patience(10) == 10
    with waiting_at_most(0):
        assert patience(10) == 0
    with waiting_at_most(5):
        assert 0 < patience(10) <= 5
        assert patience(1) == 1
    assert patience(10) == 10


def test_block_within_another_one_does_not_prolong_its_limit() -> None:
    with waiting_at_most(1):
        with waiting_at_most(5):
            assert patience(10) <= 1
        with waiting_at_most(0):
            assert patience(10) == 0
        assert 0 < patience(10) <= 1
