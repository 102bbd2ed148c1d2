"""What people name to be ingested as a list of sources, and what a file of this machine holds."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.errors import UnreadableSource
from knowledge.extract import media_type
from knowledge.fetch import SLACK_FILE, Fetched, too_large


def expand(targets: Iterable[str | Path]) -> tuple[list[str], list[str]]:
    """The sources that ``targets`` name, each once, and which of the targets are folders."""
    uris: list[str] = []
    folders: list[str] = []
    for target in targets:
        if is_remote(str(target)):
            uris.append(str(target))
            continue
        path = Path(target).expanduser().resolve()
        if path.is_dir():
            folders.append(str(path))
            uris += _files(path)
        else:
            uris.append(str(path))
    return list(dict.fromkeys(uris)), folders


def _files(folder: Path) -> Iterator[str]:
    """The files under ``folder``, in order, without hidden ones and what Office leaves behind."""
    for inside, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield str(Path(inside, name))


def is_remote(uri: str) -> bool:
    return "://" in uri or uri.startswith(SLACK_FILE)


def has_a_name(uri: str) -> bool:
    """Whether ``uri`` can be written down: names of files may be any bytes."""
    try:
        return bool(uri.encode())
    except UnicodeEncodeError:
        return False


def read_file(path: Path, limit: int) -> Fetched:
    """The content of a file of at most ``limit`` bytes.

    Raises UnsupportedSource, UnreadableSource, and FileNotFoundError where it is gone.
    """
    try:
        about = path.stat()
        kind = media_type(path.name)
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableSource("it is not a file")
        if about.st_size > limit:
            raise too_large(limit)
        return Fetched(path.read_bytes(), kind)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None)
        raise UnreadableSource(
            f"it cannot be read: {reason}" if reason else "it cannot be read", str(e)
        ) from e
