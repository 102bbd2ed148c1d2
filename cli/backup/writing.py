"""Writes the file of a backup: a tar archive, part by part, so that nothing is held in memory.

What is not finished has a hidden name. The name that people see appears at the very end, when all
of it is on the disk: a killed backup leaves none that looks whole.
"""

import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from gzip import GzipFile
from hashlib import sha256
from pathlib import Path
from time import time
from typing import IO

from cli.backup.manifest import LONGEST_LINE, NAME, Kind, Manifest, Part
from domain.errors import BackupFailed

HALF = ".half-"
"""What the name of a file begins with while it is written."""

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 2**20
_FAST = 1  # vectors hardly get smaller, whatever the level


class Writer:
    """Its methods raise OSError. ``parts`` are those that were written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._at = file, int(time())
        self.parts: list[Part] = []

    def add_lines(self, name: str, kind: Kind, of: str, lines: Iterable[bytes]) -> None:
        """Adds a part of lines, packed. They may be of any number."""
        unpacked = count = 0
        with self._part(name) as sink, GzipFile("", "wb", _FAST, sink, mtime=0) as packed:
            for line in lines:
                if len(line) > LONGEST_LINE:
                    raise BackupFailed(f"A row of {of or kind} is too large for a backup.")
                packed.write(line)
                unpacked, count = unpacked + len(line), count + 1
        self.parts.append(Part(name, kind, of, sink.size, sink.digest, unpacked, count))

    def add_file(self, name: str, of: str, file: Path) -> None:
        with file.open("rb") as source, self._part(name) as sink:
            while chunk := source.read(_CHUNK):
                sink.write(chunk)
        self.parts.append(Part(name, Kind.FILE, of, sink.size, sink.digest))

    def end(self, manifest: Manifest) -> None:
        """Adds the manifest, and ends the archive."""
        with self._part(NAME) as sink:
            sink.write(manifest.as_bytes())
        self._file.write(bytes(2 * _BLOCK))

    @contextmanager
    def _part(self, name: str) -> "Iterator[_Sink]":
        """Writes the header again once the size is known."""
        start = self._file.tell()
        self._file.write(self._header(name, 0))
        sink = _Sink(self._file)
        yield sink
        self._file.write(bytes(-sink.size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(self._header(name, sink.size))
        self._file.seek(end)

    def _header(self, name: str, size: int) -> bytes:
        """It has the same length for every size."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._at
        return member.tobuf(tarfile.GNU_FORMAT)


@contextmanager
def written(file: Path, check: Callable[[Path], None]) -> Iterator[Writer]:
    """Writes ``file``, which appears once everything is on the disk and ``check`` has read it.

    Raises BackupFailed.
    """
    half = file.with_name(f"{HALF}{file.name}")
    try:
        if file.exists():
            raise BackupFailed("There is a file of that name already.", str(file))
        opened = os.open(half, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(opened, "wb") as stream:
                yield Writer(stream)
                stream.flush()
                os.fsync(stream.fileno())
            check(half)
            half.rename(file)
            _flush_folder(file.parent)
        finally:
            with suppress(FileNotFoundError):
                half.unlink()
    except OSError as e:
        raise BackupFailed("The backup cannot be written.", f"{file}: {e.strerror or e}") from e


class _Sink:
    """Counts and hashes what is written. GzipFile writes to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._hash, self.size = file, sha256(), 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Nothing: the file is flushed at its end."""

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
