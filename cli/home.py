"""The home: the folder with all state, which only its owner may read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from domain.errors import ConfigError

RESTORING = "restoring.json"
"""The file in a home whose restore has not ended."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def open_home(home: Path) -> Path:
    """Creates the home if it is missing, with mode 0700.

    If others may read it (earlier versions allowed that), it is closed to them with all files in
    it. Raises ConfigError if it cannot be created, and while a restore into it has not ended.
    """
    make_home(home)
    if (home / RESTORING).exists():
        raise ConfigError(
            "A restore into this home has not ended: run the same `phi3 restore` again.", str(home)
        )
    return home


def make_home(home: Path) -> None:
    """As ``open_home``, also during a restore."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_mode & _OTHERS and _is_ours(home):
            for path in _within(home):
                close_to_others(path)
            close_to_others(home)
    except OSError as error:
        raise ConfigError(
            "The folder of PHI3_HOME cannot be created or used: set another one, or give this user "
            "the right to write there.",
            str(error),
        ) from error


def close_to_others(path: Path) -> None:
    """Lets only the owner read and write a file, if it exists and is ours."""
    try:
        mode = path.lstat().st_mode
        if mode & _OTHERS and not stat.S_ISLNK(mode) and _is_ours(path):
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:
        return


def close_database(file: Path) -> None:
    """Lets only the owner read a SQLite file and the two files that SQLite keeps beside it."""
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        close_to_others(file.with_name(name))


def _is_ours(path: Path) -> bool:
    return os.geteuid() in (0, path.stat().st_uid)


def _within(folder: Path) -> Iterator[Path]:
    """Everything in ``folder``, at all depths; links are not followed."""
    for inside, folders, files in os.walk(folder):
        yield from (Path(inside, name) for name in (*folders, *files))
