"""Roles as processes of their own: how one is started, ended, and ends with who started it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

_LOOK_SECONDS = 1.0


def start_role(
    role: str, *, port: int | None = None, log: int | None = None
) -> "subprocess.Popen[bytes]":
    """Starts `phi3 ROLE --with-parent`; ``log`` is the file descriptor that takes its output."""
    return subprocess.Popen(
        [sys.executable, "-m", "cli.app", role, "--with-parent"],
        env=os.environ | ({"PHI3_SERVER_PORT": str(port)} if port else {}),
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


def end_with_parent() -> None:
    """Ends this process soon after the one that started it is gone, even by kill -9."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
