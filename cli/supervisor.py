"""Keeps the roles of this machine running, each in its own process."""

import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from cli.printing import say
from cli.processes import PATIENCE_SECONDS, end, start_role

if TYPE_CHECKING:
    from cli.settings import Settings

_LOOK_SECONDS = 0.5
_SLOWEST_RESTART_SECONDS = 60.0

RECOVERED_SECONDS = 300.0
"""After a role has run this many seconds, the pause before its next restart is short again."""


@dataclass(slots=True)
class Role:
    """A role's process; if it ends, it is started again, each time after a longer pause."""

    name: str
    settings: "Settings"
    process: "subprocess.Popen[bytes] | None" = None
    failures: int = 0
    start_at: float = field(default_factory=time.monotonic)

    def supervise(self, now: float) -> None:
        """Starts the role if that is due, and notices its end. ``now`` is monotonic time."""
        if self.process is None and now >= self.start_at:
            try:
                self.process, self.start_at = start_role(self.name, self.settings), now
            except OSError as e:  # too many processes, or too little memory
                self._pause(f"cannot be started: {e.strerror or e}", now)
        elif self.process is not None and self.process.poll() is not None:
            if now - self.start_at >= RECOVERED_SECONDS:
                self.failures = 0
            self._pause(f"ended with {self.process.returncode}", now)
            self.process = None

    def _pause(self, why: str, now: float) -> None:
        pause = min(2.0**self.failures, _SLOWEST_RESTART_SECONDS)
        say(f"{self.name} {why}; restart in {pause:.0f} s")
        self.failures = min(self.failures + 1, 10)
        self.start_at = now + pause


def run_roles(names: Sequence[str], settings: "Settings") -> None:
    """Runs the roles until SIGINT or SIGTERM, then ends them all and waits for them."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    roles = [Role(name, settings) for name in names]
    say(f"Running {', '.join(names)}. Press Ctrl-C to stop.")
    try:
        while not stopping:
            for role in roles:
                role.supervise(time.monotonic())
            time.sleep(_LOOK_SECONDS)
    finally:
        end([role.process for role in roles if role.process], PATIENCE_SECONDS)
        for each, handler in before.items():
            signal.signal(each, handler)
