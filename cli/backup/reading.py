"""Reads the file of a backup, which may be damaged, or made to do harm.

Only what a backup of this program has is accepted: plain files in a tar archive, with the manifest
as the last one, which names them all. Nothing is read into memory but the manifest and one line at
a time, and no part unpacks to more than the manifest says.
"""

import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from cli.backup.manifest import LARGEST, LONGEST_LINE, NAME, Kind, Manifest, Part, newer, parse
from domain.errors import BackupFailed, BackupInvalid

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 2**18
_PARTS = 100_000
"""The most parts: far more than tables, adapters and nights there can be."""

_GZIP = 31  # zlib's number for the format of gzip

Progress = Callable[[str, int, int], None]
"""Takes what is done now, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    size: int


class Backup:
    """An open backup whose manifest was read. ``verify`` it before its parts are used."""

    def __init__(self, file: IO[bytes], places: dict[str, _Place], manifest: Manifest) -> None:
        self._file, self._places, self.manifest = file, places, manifest

    def verify(self, progress: Progress) -> None:
        """Raises BackupInvalid unless every part is exactly what was written."""
        done, total = 0, sum(part.size for part in self.manifest.parts)
        for part in self.manifest.parts:
            found = sha256()
            for chunk in self._chunks(part):
                found.update(chunk)
                done += len(chunk)
                progress("Checking the backup", done, total)
            if found.hexdigest() != part.sha256:
                raise BackupInvalid(f"The backup is damaged: {part.name} is not what was written.")
            if part.kind is not Kind.FILE and sum(1 for _ in self.lines(part)) != part.lines:
                raise _other_size(part)

    def lines(self, part: Part) -> Iterator[bytes]:
        """The lines of a part. Raises BackupInvalid."""
        left, pieces, length = part.unpacked, list[bytes](), 0
        for data in self._unpacked(part):
            left -= len(data)
            *ended, rest = data.split(b"\n")
            for line in ended:
                yield b"".join([*pieces, line])
                pieces, length = [], 0
            pieces.append(rest)
            length += len(rest)
            if left < 0 or length > LONGEST_LINE:
                raise _other_size(part)
        if left or length:
            raise _other_size(part)

    def copy(self, part: Part, to: Path) -> None:
        """Writes a part of the kind ``file``. Raises OSError."""
        opened = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "wb") as file:
            for chunk in self._chunks(part):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def _chunks(self, part: Part) -> Iterator[bytes]:
        place = self._places[part.name]
        for at in range(place.start, place.start + place.size, _CHUNK):
            wanted = min(_CHUNK, place.start + place.size - at)
            if len(chunk := _read(self._file, at, wanted)) != wanted:
                raise BackupInvalid("The backup is not whole: its end is missing.")
            yield chunk

    def _unpacked(self, part: Part) -> Iterator[bytes]:
        """At most ``_CHUNK`` bytes at a time, however much they are packed."""
        stream = zlib.decompressobj(_GZIP)
        try:
            for chunk in self._chunks(part):
                rest = chunk
                while rest and not stream.eof:
                    yield stream.decompress(rest, _CHUNK)
                    rest = stream.unconsumed_tail
                if rest or stream.unused_data:
                    raise _other_size(part)
        except zlib.error as e:
            raise BackupInvalid(f"The backup is damaged: {part.name} cannot be unpacked.") from e
        if not stream.eof:
            raise _other_size(part)


@contextmanager
def opened_backup(file: Path) -> Iterator[Backup]:
    """Raises BackupFailed if the file cannot be read, and BackupInvalid if it is no backup."""
    if file.exists() and not file.is_file():
        raise BackupInvalid("The backup is no plain file.", str(file))
    try:
        stream = file.open("rb")
    except OSError as e:
        raise BackupFailed("The backup cannot be read.", f"{file}: {e.strerror}") from e
    with stream:
        places = _places(stream, os.fstat(stream.fileno()).st_size)
        yield Backup(stream, places, _manifest(stream, places))


def _read(file: IO[bytes], at: int, size: int) -> bytes:
    """What is there, or less at the end of the file."""
    try:
        file.seek(at)
        return file.read(size)
    except OSError as e:
        raise BackupFailed("The backup cannot be read.", f"{e.strerror}") from e


def check_version(manifest: Manifest, revisions: list[str]) -> None:
    """Raises BackupInvalid if the backup is of a program that knows more than this one."""
    if manifest.revision not in revisions:
        raise newer(manifest.program)


def _places(file: IO[bytes], size: int) -> dict[str, _Place]:
    """Where each member of the archive is. Headers are all that is read."""
    places: dict[str, _Place] = {}
    at = 0
    while True:
        block = _read(file, at, _BLOCK)
        if block == bytes(_BLOCK):
            return places
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.HeaderError, ValueError) as e:
            what = "not whole: its end is missing" if places else "no backup of phi3"
            raise BackupInvalid(f"The file is {what}.") from e
        if member.type != tarfile.REGTYPE or member.name in places or len(places) > _PARTS:
            raise BackupInvalid(
                "The file is no backup of phi3: it has something that a backup never has.",
                f"{member.name[:80]!r}",
            )
        start = at + _BLOCK
        if not 0 <= member.size <= size - start:
            raise BackupInvalid("The backup is not whole: its end is missing.")
        places[member.name] = _Place(start, member.size)
        at = start + member.size + -member.size % _BLOCK


def _manifest(file: IO[bytes], places: dict[str, _Place]) -> Manifest:
    place = places.get(NAME)
    if place is None or place.size > LARGEST:
        raise BackupInvalid("The file is no backup of phi3: it has no manifest.")
    manifest = parse(_read(file, place.start, place.size))
    named = {part.name: part.size for part in manifest.parts}
    there = {name: its.size for name, its in places.items() if name != NAME}
    if named != there:
        raise BackupInvalid("The backup does not hold what its manifest names.")
    return manifest


def _other_size(part: Part) -> BackupInvalid:
    return BackupInvalid(f"The backup is damaged: {part.name} has another size than was written.")
