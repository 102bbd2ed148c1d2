"""The file in the home that says of a restore that it has begun, and not ended."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.home import RESTORING
from domain.errors import BackupFailed


@dataclass(frozen=True, slots=True)
class Begun:
    """``backup`` is the id of the backup; it is empty if the file cannot be read.

    ``replaces``: it had seen that nothing was here, or was to replace what was. ``listed``: there
    was a list here of what was forgotten, before the restore itself wrote to it.
    """

    backup: str = ""
    replaces: bool = False
    listed: bool = True


def read_begun(home: Path) -> Begun | None:
    """None if no restore has begun here."""
    try:
        read = json.loads((home / RESTORING).read_text("utf-8"))
        return Begun(
            str(read["backup"]), read.get("replaces") is True, read.get("listed") is not False
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Begun()


def write_begun(home: Path, begun: Begun) -> None:
    """It is on the disk when this returns. Raises BackupFailed."""
    marker = home / RESTORING
    half = marker.with_name(f".half-{marker.name}")
    try:
        with half.open("w", encoding="utf-8") as file:
            json.dump(asdict(begun), file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(marker)
    except OSError as e:
        raise BackupFailed("The home cannot be written.", f"{marker}: {e.strerror}") from e


def end_begun(home: Path) -> None:
    (home / RESTORING).unlink()
