"""Starts roles as processes, ends them, and lets a role end when its parent has ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.settings import Settings

PATIENCE_SECONDS = 40.0
"""How many seconds a role may take to end: the bot lets running answers take 25 seconds, the model
server 20, and both then close their connections."""

PROGRAM = [sys.executable, "-m", "cli.app"]
"""The command that starts `phi3`."""

_LOOK_SECONDS = 1.0


def start_role(
    role: str, settings: "Settings", *, log: int | None = None
) -> "subprocess.Popen[bytes]":
    """Starts `phi3 ROLE` with exactly these settings; it ends when this process ends.

    Its output goes to the file descriptor ``log``.
    """
    from cli.environment import as_environment

    return subprocess.Popen(
        [*PROGRAM, role, "--with-parent", str(os.getpid())],
        env=as_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Ctrl-C in a terminal reaches the whole process group, but this process ends its roles.
        start_new_session=True,
    )


def end(processes: Iterable["subprocess.Popen[bytes]"], patience: float) -> None:
    """Asks all to end, waits ``patience`` seconds in total, and kills those that still run."""
    asked = list(processes)
    for process in asked:
        process.terminate()
    deadline = time.monotonic() + patience
    for process in asked:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def exiting_on_sigterm() -> Iterator[None]:
    """SIGTERM ends the block with SystemExit, so that what is open in it is closed."""

    def exit_now(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, exit_now)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def end_with_parent(parent: int, patience: float = PATIENCE_SECONDS) -> None:
    """Ends this process soon after its parent, the process ``parent``, has ended or was killed.

    The parent may have ended already; then this process has another parent. If this process has not
    ended within ``patience`` seconds, it is killed.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
