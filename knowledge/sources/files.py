"""Files of this machine: a folder with all files in it, or one file."""

import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from domain.documents import Failure
from domain.errors import ForbiddenSource, GoneSource, UnreadableSource
from knowledge.missing import NO_FOLDER, NO_SUCH_FOLDER, has_a_folder, inside
from knowledge.readers.base import File
from knowledge.readers.recognition import BEGINNING, refuse_beginning
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.unpacking import too_large
from knowledge.sources.walk import OUTSIDE, Found, Walk, look_at

LIMIT = 50_000_000
"""The largest file that is read, in bytes."""

_SETTLED = 2.0
"""Seconds. A file that changed less long ago may change again within one tick of its clock."""


class FilesConnector:
    """Implements Connector for ``path``: a folder, or a file that a person named, wherever it is.

    A file's version is its size, its times and its inode; so an unchanged file is not opened.
    ``linked`` are folders that links in the folder may lead to; their paths have no links.
    """

    def __init__(self, path: Path, *, limit: int = LIMIT, linked: Iterable[Path] = ()) -> None:
        self._path, self._limit, self._linked = path, limit, tuple(linked)

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        """The files of the folder, or the one file.

        One file that is gone has been deleted if its folder can be looked into. Raises
        UnreadableSource if a folder is gone, or what was never read is not there, or the file
        system does not answer.
        """
        if self._is_folder:
            return self._listed(known)
        uri = str(self._path)
        if not os.path.lexists(self._path):
            if any(other.startswith(inside(uri)) for other in known):
                raise UnreadableSource(NO_SUCH_FOLDER)
            if uri not in known:
                raise UnreadableSource("there is no such file or folder")
            return self._missing(uri)
        return Listing((Entry(uri, _version(look_at(self._path))),))

    def read(self, entry: Entry, version: str) -> Fetched | None:
        path = Path(entry.uri)
        try:
            file, looked = read_file(path, self._limit, self._within)
        except FileNotFoundError as e:
            if not version:
                raise UnreadableSource("there is no such file") from e
            raise GoneSource("it was deleted while the folder was read") from e
        read = _version(looked, time.time())
        if version and read == version:
            return None
        return Fetched(file, read, _modified(looked))

    @cached_property
    def _is_folder(self) -> bool:
        """Raises UnreadableSource, as where a share's server does not answer."""
        try:
            return self._path.is_dir()
        except OSError as e:
            raise UnreadableSource(f"it cannot be opened: {e.strerror}") from e

    @property
    def _within(self) -> tuple[Path, ...]:
        return (self._path if self._is_folder else self._path.parent, *self._linked)

    def _listed(self, known: Mapping[str, str]) -> Listing:
        walk = Walk(self._path, self._within, known)
        entries = tuple(map(_entry, walk.files()))
        uri = str(self._path)
        return Listing(
            entries,
            tuple(dict.fromkeys(walk.skipped)),
            tuple(dict.fromkeys(walk.unreadable)),
            gone=(uri,) if uri in known else (),  # it is no file any more
        )

    def _missing(self, uri: str) -> Listing:
        if has_a_folder(self._path):
            return Listing((), is_complete=False, gone=(uri,))
        return Listing((), unreadable=(Failure(uri, NO_FOLDER),), is_complete=False)


def _entry(found: Found) -> Entry:
    place = "" if found.place == found.path else found.place
    return Entry(found.path, _version(found.looked), place)


def read_file(path: Path, limit: int, within: Sequence[Path]) -> tuple[File, os.stat_result]:
    """Reads a file of at most ``limit`` bytes that must be in one of the folders ``within``.

    The paths of these folders must have no links. The check looks at the file that was opened, so
    replacing it by a link at that moment has no effect. The file is looked at before it is read.
    Raises UnsupportedSource, UnreadableSource, ForbiddenSource, and FileNotFoundError if it no
    longer exists.
    """
    try:
        # It is checked before it is opened, since opening a pipe or a device may have effects.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableSource("it is not a file")
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            opened = os.fstat(file.fileno())
            if not stat.S_ISREG(opened.st_mode):
                raise UnreadableSource("it is not a file")
            _refuse_outside(path, opened, within)
            beginning = file.read(BEGINNING)
            refuse_beginning(beginning, path.name)
            if opened.st_size > limit:
                raise too_large(limit)
            content = beginning + file.read(limit + 1 - len(beginning))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None)
        raise UnreadableSource(
            f"it cannot be read: {reason}" if reason else "it cannot be read", str(e)
        ) from e
    if len(content) > limit:
        raise too_large(limit)
    return File(content, path.name), opened


def _refuse_outside(path: Path, opened: os.stat_result, within: Sequence[Path]) -> None:
    real = Path(os.path.realpath(path))
    is_the_opened = os.path.samestat(os.lstat(real), opened)
    if not is_the_opened or not any(real.is_relative_to(folder) for folder in within):
        raise ForbiddenSource(f"it is {OUTSIDE}")


def _version(looked: os.stat_result | None, now: float | None = None) -> str:
    """Changes with a file's content; empty if that is not certain.

    ``now`` is given for a file that is being read: if it changed a moment ago, it may change again
    without another time. As for git, such a file has no version until it is read again.
    """
    if looked is None:
        return ""
    if now is not None and now - max(looked.st_mtime, looked.st_ctime) < _SETTLED:
        return ""
    return f"{looked.st_size}:{looked.st_mtime_ns}:{looked.st_ctime_ns}:{looked.st_ino}"


def _modified(looked: os.stat_result) -> datetime | None:
    try:
        return datetime.fromtimestamp(looked.st_mtime, UTC)
    except (OverflowError, ValueError, OSError):  # years that Python does not know
        return None
