"""The folder of the backups: names by time, and only so many of them."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from cli.backup.writing import HALF
from domain.errors import BackupFailed

_NAME = re.compile(r"phi3-\d{8}-\d{6}\.tar")


class BackupFolder:
    """One process at a time writes to a folder. Creates it; raises BackupFailed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().absolute()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._closing.enter_context(FileLock(self._folder / ".phi3-backup.lock", timeout=0))
            for file in self._folder.glob(f"{HALF}phi3-*.tar"):
                file.unlink()  # of a backup that was killed
        except Timeout as e:
            raise BackupFailed("Another backup into this folder is being made.") from e
        except OSError as e:
            raise _failed(self._folder, e) from e
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def new_name(self) -> Path:
        """The second after the newest backup's, if that was made in this one."""
        at = datetime.now(UTC)
        while (named := self._folder / f"phi3-{at:%Y%m%d-%H%M%S}.tar").exists():
            at += timedelta(seconds=1)
        return named

    def keep(self, count: int) -> list[Path]:
        """Deletes all backups but the newest; returns what was deleted."""
        try:
            found = sorted(one for one in self._folder.iterdir() if _NAME.fullmatch(one.name))
            for file in found[:-count]:
                file.unlink()
        except OSError as e:
            raise _failed(self._folder, e) from e
        return found[:-count]


def _failed(folder: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        "The folder of the backups cannot be read or written.", f"{folder}: {error.strerror}"
    )
