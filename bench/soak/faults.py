"""How each fault is made, and how it ends."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Protocol

from bench.soak.disk import Disk
from bench.soak.relay import Relay
from bench.soak.roles import Roles
from bench.soak.slack import RecordedSlack
from bench.soak.timetable import Fault

_SOMETIMES = 0.3
"""The share of calls that fail while Slack is busy, broken or unsure."""

_AWAY = "index.away"


class Home(Protocol):
    """Where the roles keep what can be lost: in files of the home, or behind a relay."""

    @property
    def home(self) -> Path: ...
    @property
    def disk(self) -> Disk | None: ...
    @property
    def database(self) -> Relay | None: ...


class Faults:
    """Begins and ends faults, one at a time. A ``disk`` of None can be neither full nor slow."""

    def __init__(self, roles: Roles, slack: RecordedSlack, where: Home, chance: Random) -> None:
        self._roles = roles
        self._slack = slack
        self._where = where
        self._chance = chance
        self._lock: sqlite3.Connection | None = None
        self.recover()

    def begin(self, fault: Fault) -> bool:
        """False if it cannot be made at this moment: the role does not run, or waits to start."""
        return self._ways[fault]() is not False

    def recover(self) -> None:
        """Ends whatever goes on, also what an earlier run has left."""
        self._roles.let_go()
        self._slack.fate = _well
        if self._where.disk:
            self._where.disk.speed_up()
            self._where.disk.empty()
        if self._where.database:
            self._where.database.mend()
        if self._lock:
            self._lock.close()
            self._lock = None
        self._bring_index_back()

    @property
    def possible(self) -> list[Fault]:
        needs_disk = {Fault.DISK_FULL, Fault.DISK_SLOW}
        return [fault for fault in Fault if self._where.disk or fault not in needs_disk]

    @property
    def _ways(self) -> dict[Fault, Callable[[], bool | None]]:
        disk = self._where.disk
        return {
            Fault.BOT_KILLED: lambda: self._roles.kill("bot"),
            Fault.SERVER_KILLED: lambda: self._roles.kill("serve"),
            Fault.SCHEDULER_KILLED: lambda: self._roles.kill("schedule"),
            Fault.CONSOLE_KILLED: lambda: self._roles.kill("console"),
            Fault.ALL_KILLED: self._roles.kill_all,
            Fault.SERVER_HANGS: lambda: self._roles.hold("serve"),
            Fault.BOT_HANGS: lambda: self._roles.hold("bot"),
            Fault.DISK_FULL: lambda: disk.fill() if disk else False,
            Fault.DISK_SLOW: lambda: disk.slow_down() if disk else False,
            Fault.DATABASE_LOST: self._lose_database,
            Fault.INDEX_LOST: self._lose_index,
            Fault.SLACK_BUSY: lambda: self._fail("busy"),
            Fault.SLACK_BROKEN: lambda: self._fail("broken"),
            Fault.SLACK_UNSURE: lambda: self._fail("lost"),
            Fault.SOCKETS_DROPPED: self._slack.drop_sockets,
            Fault.SLACK_AWAY: self._leave,
        }

    def _lose_database(self) -> None:
        if self._where.database:
            self._where.database.cut()
            return
        # Another program holds SQLite's write lock. Deleting the file of a database that is in use
        # is no fault that any program could survive.
        self._lock = sqlite3.connect(
            self._where.home / "phi3.db", timeout=30, isolation_level=None, check_same_thread=False
        )
        self._lock.execute("BEGIN EXCLUSIVE")

    def _lose_index(self) -> None:
        (self._where.home / "index").rename(self._where.home / _AWAY)

    def _bring_index_back(self) -> None:
        away, index = self._where.home / _AWAY, self._where.home / "index"
        if away.exists():
            with suppress(FileNotFoundError):
                # The roles may have made an empty one, which is kept aside.
                index.rename(
                    self._where.home / f"index.made-{len(list(self._where.home.iterdir()))}"
                )
            away.rename(index)

    def _fail(self, how: str) -> None:
        def fate(_: str, __: dict[str, Any]) -> str:
            return how if self._chance.random() < _SOMETIMES else ""

        self._slack.fate = fate

    def _leave(self) -> None:
        self._slack.fate = _gone
        self._slack.drop_sockets()


def _well(_: str, __: dict[str, Any]) -> str:
    return ""


def _gone(_: str, __: dict[str, Any]) -> str:
    return "gone"
