"""When the files of a repository were changed, as far as its log was loaded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from knowledge.sources.git_program import GitProgram

_LOG = ("-z", "--format=%H %ct", "--raw", "--no-renames", "--no-abbrev")


def times_of_files(git: GitProgram, folder: Path, commit: str) -> dict[bytes, datetime]:
    """When each file was changed last before ``commit``, in UTC, by its path."""
    return _times(git.run("log", *_LOG, commit), _shallow(folder))


def _shallow(folder: Path) -> frozenset[str]:
    """The commits whose parents were not loaded: they seem to change every file."""
    try:
        return frozenset((folder / "shallow").read_text().split())
    except FileNotFoundError:
        return frozenset()


def _times(log: bytes, shallow: frozenset[str]) -> dict[bytes, datetime]:
    """When each file was changed last, in UTC, as far as the log tells."""
    found: dict[bytes, datetime] = {}
    latest = datetime.now(UTC) + timedelta(days=1)
    at: datetime | None = None
    parts = iter(log.split(b"\0"))
    for part in parts:
        text = part.lstrip(b"\n")
        if text.startswith(b":"):
            path = next(parts, b"")
            if at:
                found.setdefault(path, at)
        elif text:
            commit, _, seconds = text.decode(errors="replace").partition(" ")
            at = _time(seconds) if commit not in shallow else None
            at = at if at and at < latest else None
    return found


def _time(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
