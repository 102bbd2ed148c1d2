"""Keeps the roles of this machine running, each as a process of its own."""

import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

from cli.printing import say
from cli.processes import end, start_role

_LOOK_SECONDS = 0.5
_PATIENCE_SECONDS = 20  # for a role to finish what it is doing
_SLOWEST_RESTART_SECONDS = 60.0


@dataclass(slots=True)
class _Role:
    """A role's process; one that dies is started again, each time after a longer wait."""

    name: str
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    start_at: float = field(default_factory=time.monotonic)

    def look_after(self, now: float) -> None:
        if self.process is None and now >= self.start_at:
            self.process = start_role(self.name)
        elif self.process is not None and self.process.poll() is not None:
            wait = min(2.0**self.deaths, _SLOWEST_RESTART_SECONDS)
            say(f"{self.name} ended with {self.process.returncode}; again in {wait:.0f} s")
            self.deaths += 1
            self.process, self.start_at = None, now + wait


def run_roles(names: Sequence[str]) -> None:
    """Runs the roles until SIGINT or SIGTERM, then ends them all and waits for them."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    roles = [_Role(name) for name in names]
    say(f"Running {', '.join(names)}. Ctrl-C ends.")
    try:
        while not stopping:
            for role in roles:
                role.look_after(time.monotonic())
            time.sleep(_LOOK_SECONDS)
    finally:
        end([role.process for role in roles if role.process], _PATIENCE_SECONDS)
        for each, handler in before.items():
            signal.signal(each, handler)
