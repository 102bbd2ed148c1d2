"""The roles of a run: `phi3 up`, what it started, and their memory. Only on Linux."""

import ctypes
import os
import signal
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from cli.processes import PATIENCE_SECONDS, PROGRAM, end

_PR_SET_PDEATHSIG = 1

ROLES = ("serve", "bot", "schedule", "console")


class Roles:
    """``environment`` has all settings. What the roles log is added to ``log``."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = dict(environment)
        self._log: IO[bytes] = log.open("ab")
        self._up: subprocess.Popen[bytes] | None = None
        self._stopped: set[int] = set()

    def start(self) -> None:
        """Starts `phi3 up`, again if it ended."""
        if self._up is None or self._up.poll() is not None:
            self._up = subprocess.Popen(
                [*PROGRAM, "up"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # Ctrl-C is for this process, which then ends them
                preexec_fn=_end_with_parent,
            )

    def running(self) -> dict[str, int]:
        """The process of each role that runs."""
        if self._up is None:
            return {}
        found: dict[str, int] = {}
        for pid in _children()[self._up.pid]:
            named = [word for word in _command(pid) if word in ROLES]
            found |= {named[0]: pid} if named else {}
        return found

    def kill(self, role: str) -> bool:
        """Kills a role with SIGKILL; False if it does not run at this moment."""
        return self._signal(role, signal.SIGKILL) != 0

    def kill_all(self) -> None:
        """Kills `phi3 up`; its roles notice that, and end."""
        if self._up:
            self._up.kill()
            self._up.wait()

    def hold(self, role: str) -> bool:
        """Lets a role stand still until `let_go`; False if it does not run at this moment."""
        pid = self._signal(role, signal.SIGSTOP)
        self._stopped |= {pid} if pid else set()
        return pid != 0

    def let_go(self) -> None:
        for pid in self._stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._stopped.clear()

    def memory(self) -> dict[str, tuple[int, float]]:
        """Of each role its process, and the memory of it and of those that it started, in MB.

        Memory that several processes share counts for each in part (PSS).
        """
        children = _children()
        return {
            role: (pid, sum(_pss(each) for each in _with_descendants(pid, children)))
            for role, pid in self.running().items()
        }

    def phi3(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command with the settings of the roles."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def end(self) -> None:
        self.let_go()
        if self._up:
            end([self._up], PATIENCE_SECONDS + 10)
        self._log.close()

    def _signal(self, role: str, number: int) -> int:
        pid = self.running().get(role, 0)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
                return pid
        return 0


def _end_with_parent() -> None:
    """Lets this process get SIGTERM when its parent has ended, even if that was killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            # After the name, which may contain anything, come the state and the parent.
            parent = int(
                (folder / "stat").read_text("utf-8", "replace").rsplit(")", 1)[1].split()[1]
            )
            found[parent].append(int(folder.name))
    return found


def _with_descendants(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found


def _command(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0")
    return []


def _pss(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
