"""The log files in the home: starts one each day, deletes old ones, and removes lines."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

_SHORTEST = 8
"""Shorter texts are not looked for, as "Thanks", which is in lines about other people too."""


def expire(folder: Path, before: datetime, today: datetime) -> int:
    """Deletes log files last written before ``before``, and starts new ones; returns how many.

    ``NAME.log`` becomes ``NAME.YYYY-MM-DD.log``; a process that has it open still writes to it.
    """
    deleted = 0
    for file in _logs(folder):
        if file.stat().st_mtime < before.timestamp():
            file.unlink()
            deleted += 1
        elif file.name.count(".") == 1 and file.stat().st_size:
            day = file.with_name(f"{file.stem}.{today:%Y-%m-%d}.log")
            if not day.exists():
                file.rename(day)
    return deleted


def forget(folder: Path, ids: Collection[str], texts: Collection[str]) -> int:
    """Removes every line that contains one of ``ids`` or ``texts``; returns how many lines.

    Each line of a text is looked for separately, since it is logged on its own line.
    """
    parts = {part.strip() for text in texts for part in text.splitlines()}
    # Every line contains an empty one.
    wanted = {one.encode() for one in ids if one.strip()} | {
        part.encode("utf-8", "replace") for part in parts if len(part) >= _SHORTEST
    }
    removed = 0
    for file in _logs(folder):
        written = file.read_bytes()
        if not (present := [one for one in wanted if one in written]):
            continue
        lines = written.splitlines(keepends=True)
        kept = [line for line in lines if not any(one in line for one in present)]
        removed += len(lines) - len(kept)
        # The file is changed in place, since a process that writes to it has it open.
        file.write_bytes(b"".join(kept))
    return removed


def _logs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log")) if folder.is_dir() else []
