"""Makes room for a new SQLite database where the old one cannot be read any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import BackupFailed

_FILES = "-wal", "-shm", ""
"""What the names of a database's files end in; its own comes last, since SQLite deletes a log that
has no database."""


@contextmanager
def put_aside(file: Path) -> Iterator[Path]:
    """Gives its new name; if the block fails, it gets its old one back. Raises BackupFailed."""
    aside = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    _rename(file, aside)
    try:
        yield aside
    except BaseException:
        for end in _FILES:
            file.with_name(f"{file.name}{end}").unlink(missing_ok=True)
        _rename(aside, file)
        raise


def _rename(file: Path, to: Path) -> None:
    try:
        for end in _FILES:
            one = file.with_name(f"{file.name}{end}")
            if one.exists():
                one.rename(to.with_name(f"{to.name}{end}"))
    except OSError as e:
        raise BackupFailed(
            "The damaged database cannot be renamed.", f"{file}: {e.strerror}"
        ) from e
