"""Files that people sent from a browser: kept in a folder of this program, with their versions.

    uploads/KEY/VERSION/NAME

The KEY is of who sent it, for whom, and its name: a file that is sent again is a new version of the
same source, ``upload:KEY/NAME``. An older version is deleted once the newest one is indexed.
"""

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from shutil import copyfileobj, rmtree
from time import time, time_ns
from typing import BinaryIO

from domain.documents import Failure
from domain.errors import UnreadableSource
from domain.links import UPLOAD, upload_name
from domain.questions import Audience
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.files import LIMIT, read_file

_LOST = "its file is not on this machine: send it again. Its passages are kept"
_LONGEST = 86_400.0
"""Seconds: no file is written for longer."""
_LONGEST_NAME = 255
_HALF = ".half-"
"""What the names of folders begin with that are not written to the end."""


class Uploads:
    """``folder`` need not exist. What is kept survives a crash from then on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, file: BinaryIO, name: str, by: str, readers: Audience) -> str:
        """Keeps a new version of a file; returns its uri. ``name`` is that of a file, no path.

        Raises OSError; nothing is kept then.
        """
        said = json.dumps([by, sorted(readers.labels), name])
        uri = f"{UPLOAD}:{sha256(said.encode()).hexdigest()[:16]}/{name}"
        place = self._place(uri)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = place / f"{_HALF}{token_hex(8)}"
        try:
            half.mkdir(mode=0o700)
            with (half / name).open("xb") as kept:
                copyfileobj(file, kept)
                kept.flush()
                os.fsync(kept.fileno())
            self._name_newest(half)
        except OSError:
            rmtree(half, ignore_errors=True)
            if not any(place.iterdir()):
                place.rmdir()
            raise
        return uri

    def newest(self, uri: str) -> Path | None:
        """The file of the newest version, in a folder that is named as the version."""
        versions = _versions(self._place(uri))
        return versions[-1] / upload_name(uri) if versions else None

    def all(self) -> list[Path]:
        """The newest file of every upload."""
        found = []
        for place in sorted(self._folder.iterdir()) if self._folder.is_dir() else []:
            with suppress(FileNotFoundError):  # it is just deleted
                found += [file for version in _versions(place)[-1:] for file in version.iterdir()]
        return found

    def only(self, uri: str, version: str) -> None:
        """Deletes the versions before this one, and what a crash left of others."""
        place = self._place(uri)
        for older in _versions(place):
            if older.name < version:
                rmtree(older, ignore_errors=True)
        for half in place.glob(f"{_HALF}*"):
            with suppress(OSError):  # its sending has ended meanwhile
                if half.stat().st_mtime < time() - _LONGEST:
                    rmtree(half, ignore_errors=True)

    def delete(self, uri: str) -> None:
        """Deletes all versions; it may be called again."""
        rmtree(self._place(uri), ignore_errors=True)

    def _place(self, uri: str) -> Path:
        key = uri.removeprefix(f"{UPLOAD}:").partition("/")[0]
        if not (key.isascii() and key.isalnum()):
            raise UnreadableSource("it is not the name of an upload")
        return self._folder / key

    def _name_newest(self, half: Path) -> None:
        """Two who send the same file at once make two versions."""
        while True:
            last = max((int(one.name) for one in _versions(half.parent)), default=0)
            try:
                half.rename(half.with_name(f"{max(last + 1, time_ns()):020d}"))
            except OSError as e:
                if e.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
            else:
                break
        folder = os.open(half.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class UploadConnector:
    """Implements Connector for one uploaded file."""

    def __init__(self, uri: str, uploads: Uploads, *, limit: int = LIMIT) -> None:
        self._uri, self._uploads, self._limit = uri, uploads, limit

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        """The newest version. Where that is the one that was read, older ones are deleted."""
        newest = self._uploads.newest(self._uri)
        if newest is None:
            return Listing((), unreadable=(Failure(self._uri, _LOST),), is_complete=False)
        version = newest.parent.name
        if known.get(self._uri) == version:
            self._uploads.only(self._uri, version)
        return Listing((Entry(self._uri, version),))

    def read(self, entry: Entry, version: str) -> Fetched | None:
        newest = self._uploads.newest(entry.uri)
        if newest is None:
            raise UnreadableSource(_LOST)
        if version == newest.parent.name:
            return None
        try:
            file, _ = read_file(newest, self._limit, [newest.parent.resolve()])
        except FileNotFoundError as e:  # a newer one came meanwhile, and is read next
            raise UnreadableSource(_LOST) from e
        sent = datetime.fromtimestamp(int(newest.parent.name) / 1e9, UTC)
        return Fetched(file, newest.parent.name, sent)


def is_upload(key: str, version: str, name: str) -> bool:
    """Whether the three may be a place in the folder of uploads; they lead out of no folder."""
    is_place = key.isascii() and key.isalnum() and version.isascii() and version.isdecimal()
    leads_out = name in ("", ".", "..") or any(each in name for each in "/\\\0")
    return is_place and not leads_out and max(map(len, (key, version, name))) <= _LONGEST_NAME


def _versions(place: Path) -> list[Path]:
    """The folders of an upload's versions, the oldest first."""
    if not place.is_dir():
        return []
    return sorted(one for one in place.iterdir() if one.name.isdecimal())
