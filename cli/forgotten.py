"""The list of what was forgotten: names only, and when, so that a restored backup forgets it again.

It is a file of its own, since a database that is lost would take the list with it.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from domain.errors import BackupFailed


class Subject(StrEnum):
    PERSON = "person"
    SOURCE = "source"
    ANSWER = "answer"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """``by`` is who wrote the correction to the answer ``id``; else it is empty."""

    subject: Subject
    id: str
    at: datetime
    by: str = ""


def add_forgotten(file: Path, *made: Forgetting) -> None:
    """Adds lines that are on the disk when it returns. Raises BackupFailed."""
    lines = "".join(f"{json.dumps(asdict(one), default=_iso)}\n" for one in made)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if _is_cut(opened):
                lines = f"\n{lines}"
            os.write(opened, lines.encode())
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as e:
        raise BackupFailed(
            "The list of what was forgotten cannot be written, so nothing is forgotten yet.",
            f"{file}: {e.strerror}",
        ) from e


def forgotten_in(lines: Iterable[bytes]) -> list[Forgetting]:
    """What the lines say. A line that a killed process left half written says nothing."""
    found = []
    for line in lines:
        try:
            read = json.loads(line)
            at = datetime.fromisoformat(read["at"]).astimezone(UTC)
            subject = Subject(read["subject"])
            found.append(Forgetting(subject, str(read["id"]), at, str(read.get("by", ""))))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def read_forgotten(file: Path) -> list[Forgetting] | None:
    """The list, or None if there is no such file. Raises BackupFailed."""
    try:
        return forgotten_in(file.read_bytes().splitlines())
    except FileNotFoundError:
        return None
    except OSError as e:
        raise BackupFailed(
            "The list of what was forgotten cannot be read.", f"{file}: {e.strerror}"
        ) from e


def _is_cut(opened: int) -> bool:
    """Whether the last line has no end."""
    size = os.fstat(opened).st_size
    return size > 0 and os.pread(opened, 1, size - 1) != b"\n"


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(value)
