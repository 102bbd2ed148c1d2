"""The console's socket is handed on when its process becomes another, as systemd hands one over."""

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from cli import sleeper

_FIRST = 3
"""The first file descriptor that is handed over."""


def handed_over() -> socket.socket | None:
    """The socket that this process was given; None if it must make its own."""
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    if pid != str(os.getpid()) or count != "1":
        return None
    os.set_inheritable(_FIRST, False)
    return socket.socket(fileno=_FIRST)


def sleep_at(listener: socket.socket, parent: int = 0) -> NoReturn:
    """Becomes a process of 9 MB that becomes this command again once somebody connects.

    It ends with its parent if that is the process ``parent``. Other threads end, and what is open
    is closed by the system.
    """
    os.dup2(listener.fileno(), _FIRST, inheritable=True)
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
    again = [sys.executable, *sys.orig_argv[1:]]
    sleeping = [sys.executable, "-I", "-S", str(Path(sleeper.__file__)), str(parent), *again]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, sleeping)  # noqa: S606 - this very program
