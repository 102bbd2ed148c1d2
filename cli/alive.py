"""Whether a role of this machine works: its main loop marks the time in a file of the home.

For probes of containers. Other machines may share the home, so the file's name has this one's.
"""

import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from logging import getLogger
from pathlib import Path

from domain.errors import Phi3Error

SILENCE = 180.0
"""After how many seconds without a mark a role counts as stuck."""

_KEPT = 7 * 86_400  # seconds; machines that are gone leave their files behind

_log = getLogger(__name__)


class Role(StrEnum):
    """The roles that a probe can ask for."""

    BOT = "bot"
    SCHEDULE = "schedule"
    SERVE = "serve"
    SYNC = "sync"
    CONSOLE = "console"


@contextmanager
def marking(home: Path, role: Role) -> Iterator[Callable[[], None]]:
    """Yields what the role's main loop calls every few seconds while it works.

    The mark is removed at the end. Where it cannot be written, a warning says so once.
    """
    file = _file(home, role)
    warned = False

    def mark() -> None:
        nonlocal warned
        try:
            file.parent.mkdir(mode=0o700, exist_ok=True)
            file.touch(mode=0o600)
            now = time.time()  # by this machine's clock; a shared disk may have another one
            os.utime(file, (now, now))
            warned = False
        except OSError as error:
            if not warned:
                _log.warning("That this role works cannot be noted: %s", error)
            warned = True

    _remove_old(file.parent)
    mark()
    try:
        yield mark
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def check_alive(home: Path, role: Role) -> None:
    """Raises Phi3Error if the role does not run on this machine, or does not go on."""
    try:
        silent = time.time() - _file(home, role).stat().st_mtime
    except FileNotFoundError as error:
        raise Phi3Error(f"`phi3 {role}` does not run here.") from error
    except OSError as error:
        raise Phi3Error("The home cannot be read.", str(error)) from error
    if silent > SILENCE:
        raise Phi3Error(f"`phi3 {role}` does not go on: its last mark is {silent:.0f} s old.")


def running_roles(home: Path) -> list[str]:
    """The roles that work with this home, on whatever machine, as ``bot@host``."""
    now = time.time()
    found = []
    for file in sorted((home / "alive").glob("*@*")):
        with suppress(OSError):  # it has just ended
            if now - file.stat().st_mtime < SILENCE:
                found.append(file.name)
    return found


def _file(home: Path, role: Role) -> Path:
    host = re.sub(r"[^\w.-]", "_", socket.gethostname())
    return home / "alive" / f"{role}@{host}"


def _remove_old(folder: Path) -> None:
    for file in folder.glob("*@*"):
        with suppress(OSError):  # another one removes it too
            if time.time() - file.stat().st_mtime > _KEPT:
                file.unlink()
