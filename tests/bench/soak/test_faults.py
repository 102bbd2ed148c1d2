"""Faults of a soak begin, and end without a trace."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from bench.soak.disk import Disk
from bench.soak.faults import Faults
from bench.soak.relay import Relay
from bench.soak.roles import Roles
from bench.soak.slack import RecordedSlack
from bench.soak.timetable import Fault


@dataclass
class Place:
    home: Path
    disk: Disk | None = None
    database: Relay | None = None


@dataclass
class Running(Roles):
    """Roles that are noted instead of run."""

    there: set[str] = field(default_factory=lambda: {"bot", "serve", "schedule", "console"})
    held: set[str] = field(default_factory=set)

    def kill(self, role: str) -> bool:
        is_there = role in self.there
        self.there.discard(role)
        return is_there

    def kill_all(self) -> None:
        self.there.clear()

    def hold(self, role: str) -> bool:
        self.held |= {role} & self.there
        return role in self.there

    def let_go(self) -> None:
        self.held.clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "phi3"
    (home / "index").mkdir(parents=True)
    (home / "index" / "passages").write_text("all of them")
    with closing(sqlite3.connect(home / "phi3.db")) as database:
        database.execute("CREATE TABLE t (n)")
    return home


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[RecordedSlack]:
    with closing(RecordedSlack(file=tmp_path / "slack.jsonl")) as slack:
        yield slack


@pytest.fixture
def roles() -> Running:
    return Running()


@pytest.fixture
def faults(roles: Running, slack: RecordedSlack, home: Path) -> Faults:
    return Faults(roles, slack, Place(home), Random(1))


def can_write(home: Path) -> bool:
    with closing(sqlite3.connect(home / "phi3.db", timeout=0)) as database:
        try:
            with database:
                database.execute("INSERT INTO t VALUES (1)")
        except sqlite3.OperationalError:
            return False
    return True


def test_without_a_disk_of_its_own_the_home_can_be_neither_full_nor_slow(faults: Faults) -> None:
    assert set(Fault) - set(faults.possible) == {Fault.DISK_FULL, Fault.DISK_SLOW}
    assert not faults.begin(Fault.DISK_FULL)


def test_a_locked_database_takes_nothing_until_the_fault_ends(faults: Faults, home: Path) -> None:
    assert can_write(home)
    assert faults.begin(Fault.DATABASE_LOST)
    assert not can_write(home)
    faults.recover()
    assert can_write(home)


def test_a_lost_index_comes_back_also_where_another_one_was_made_meanwhile(
    faults: Faults, home: Path
) -> None:
    for made_meanwhile in (False, True):
        assert faults.begin(Fault.INDEX_LOST)
        assert not (home / "index").exists()
        if made_meanwhile:
            (home / "index").mkdir()
        faults.recover()
        assert (home / "index" / "passages").read_text() == "all of them"


def test_the_next_run_ends_what_a_killed_one_has_left(
    faults: Faults, roles: Running, slack: RecordedSlack, home: Path
) -> None:
    faults.begin(Fault.INDEX_LOST)
    Faults(roles, slack, Place(home), Random(2))
    assert (home / "index").exists()


def test_a_role_that_does_not_run_can_be_neither_killed_nor_held(
    faults: Faults, roles: Running
) -> None:
    assert faults.begin(Fault.BOT_KILLED)
    assert not faults.begin(Fault.BOT_KILLED)
    assert not faults.begin(Fault.BOT_HANGS)
    assert faults.begin(Fault.SERVER_HANGS)
    assert roles.held == {"serve"}
    faults.recover()
    assert not roles.held


def test_slack_fails_only_while_the_fault_lasts(faults: Faults, slack: RecordedSlack) -> None:
    ways = {
        Fault.SLACK_BUSY: "busy",
        Fault.SLACK_BROKEN: "broken",
        Fault.SLACK_UNSURE: "lost",
        Fault.SLACK_AWAY: "gone",
    }
    for fault, way in ways.items():
        faults.begin(fault)
        assert way in {slack.fate("chat.postMessage", {}) for _ in range(100)}
        faults.recover()
        assert {slack.fate("chat.postMessage", {}) for _ in range(100)} == {""}
