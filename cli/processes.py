"""Roles as processes of their own: how one is started, ended, and ends with who started it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.settings import Settings

PATIENCE_SECONDS = 40.0
"""How long a role may take to end what it is doing: the bot gives its answers 25 seconds, the model
server its own 20, and each closes its connections after that."""

PROGRAM = [sys.executable, "-m", "cli.app"]
"""How `phi3` is started from here."""

_LOOK_SECONDS = 1.0


def start_role(
    role: str, settings: "Settings", *, log: int | None = None
) -> "subprocess.Popen[bytes]":
    """Starts `phi3 ROLE` with exactly these settings; it ends when this process does.

    ``log`` is the file descriptor that takes its output.
    """
    from cli.settings import as_environment

    return subprocess.Popen(
        [*PROGRAM, role, "--with-parent", str(os.getpid())],
        env=as_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Ctrl-C in a terminal reaches a whole group: ours ends its roles itself, in order.
        start_new_session=True,
    )


def end(processes: Iterable["subprocess.Popen[bytes]"], patience: float) -> None:
    """Asks all to end, waits ``patience`` seconds in all, then kills those that still run."""
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


def end_with_parent(parent: int, patience: float = PATIENCE_SECONDS) -> None:
    """Ends this process soon after ``parent``, which started it, is gone, even by kill -9.

    It may be gone already: then another process is the parent of this one. What has not ended
    ``patience`` seconds after it was asked to is killed.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
