"""Reads archives: each file in one under a heading with its path."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from pathlib import PurePosixPath
from typing import IO

from domain.blocks import Block, Content
from domain.errors import EmptySource, IngestError, UnreadableSource
from knowledge.readers import skipping
from knowledge.readers.base import PARSER_ERRORS, File, ReadPart, parsing
from knowledge.readers.clean import line
from knowledge.readers.parts import Parts
from knowledge.readers.zipped import PASSWORD

MEMBERS = 1_000
"""The most files of an archive that are read."""

UNPACKED = 400_000_000
"""Bytes of all files of an archive together from which on no more are unpacked."""

_MEMBER = 100_000_000  # bytes of a file that is read
_BOMB = 10_000_000  # bytes of a file from which on it is looked at how far it unpacks:
_RATIO = 200  # times its packed size; exports and logs come to about 100 times
_LISTED = 20_000  # files whose names are looked at; each takes about a kilobyte
_ENTRY = b"PK\x01\x02"
_IS_ENCRYPTED, _IS_UTF_8 = 0x1, 0x800  # bits of a member's flags
_TAR_BLOCK = 512
_PACKED: dict[bytes, Callable[[BytesIO], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    b"\x1f\x8b": lambda packed: gzip.GzipFile(fileobj=packed),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_PACKED_NAMES = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
_ERRORS = (tarfile.TarError, lzma.LZMAError, zlib.error)
_TOO_LARGE = "large files"
_LOCKED = "files protected by a password"


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive; ``refusal`` names the kind of those that are not unpacked."""

    path: str
    size: int
    open: Callable[[], bytes]
    refusal: str = ""


def read(file: File, read_part: ReadPart) -> Content:
    """The files of an archive in its order. What it keeps for programs is left out."""
    if file.content.startswith(tuple(_PACKED)):
        return _read_packed(file, read_part)
    members = _of_zip if file.content.startswith(b"PK") else _of_tar
    return _read_members(members(BytesIO(file.content)), read_part)


def _read_members(members: Iterator[_Member], read_part: ReadPart) -> Content:
    parts = Parts(read_part)
    blocks: list[Block] = []
    count = size = locked = 0
    with parsing("archive", *_ERRORS):
        for member in members:
            names = PurePosixPath(member.path).parts
            if not names or skipping.reason(names) or any(name.startswith(".") for name in names):
                continue
            size += member.size
            count += 1
            if count > MEMBERS or size > UNPACKED:
                parts.notes.append(f"only the first {count - 1:,} files are read")
                break
            if member.refusal:
                parts.leave_out(member.refusal)
                locked += member.refusal == _LOCKED
                continue
            name = line(member.path)
            try:
                part = File(member.open(), line(names[-1]))
            except IngestError as e:
                parts.fail(name, e)
                continue
            blocks += parts.read(part, name, 1)
    notes = parts.all_notes("files")
    if not blocks and locked:
        raise UnreadableSource(PASSWORD)
    if not blocks and parts.has_failed:
        raise UnreadableSource("; ".join(notes))
    if not blocks:
        raise EmptySource("; ".join(notes) or "it holds no files that are read")
    return Content(tuple(blocks), notes=notes)


def _of_zip(content: BytesIO) -> Iterator[_Member]:
    if content.getvalue().count(_ENTRY) > _LISTED:
        raise UnreadableSource(f"it holds more than {_LISTED:,} files: such a file is not read")
    with zipfile.ZipFile(content) as archive:
        for about in archive.infolist():
            if about.filename.endswith("/"):
                continue
            refusal = ""
            if about.flag_bits & _IS_ENCRYPTED:
                refusal = _LOCKED
            elif about.file_size > _MEMBER or (
                about.file_size > _BOMB and about.file_size > _RATIO * about.compress_size
            ):
                refusal = _TOO_LARGE
            yield _Member(
                _path(about), 0 if refusal else about.file_size, _Unpacking(archive, about), refusal
            )


@dataclass(frozen=True, slots=True)
class _Unpacking:
    archive: zipfile.ZipFile
    about: zipfile.ZipInfo

    def __call__(self) -> bytes:
        try:
            with self.archive.open(self.about) as packed:
                return packed.read(self.about.file_size)
        except (*PARSER_ERRORS, *_ERRORS) as e:
            raise UnreadableSource("it is damaged in the archive", str(e)) from e


@dataclass(frozen=True, slots=True)
class _InTar:
    archive: tarfile.TarFile
    about: tarfile.TarInfo

    def __call__(self) -> bytes:
        packed = self.archive.extractfile(self.about)
        return packed.read() if packed else b""


def _path(about: zipfile.ZipInfo) -> str:
    """The member's path; many programs write UTF-8 and do not say so."""
    name = about.filename
    if not about.flag_bits & _IS_UTF_8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/").lstrip("/")


def _of_tar(content: IO[bytes]) -> Iterator[_Member]:
    """The members of a tar, read once from its beginning to its end."""
    with tarfile.open(fileobj=content, mode="r|") as archive:
        for number, about in enumerate(archive):
            if number >= _LISTED:
                raise UnreadableSource(f"it holds more than {_LISTED:,} files")
            if not about.isreg():
                continue
            refusal = _TOO_LARGE if about.size > _MEMBER else ""
            size = 0 if refusal else about.size
            path = about.name.removeprefix("./").lstrip("/")
            yield _Member(path, size, _InTar(archive, about), refusal)


def _read_packed(file: File, read_part: ReadPart) -> Content:
    """What gzip, bzip2 or xz packed: a tar, or one file."""
    with parsing("archive", *_ERRORS):
        opening = next(make for sign, make in _PACKED.items() if file.content.startswith(sign))
        with opening(BytesIO(file.content)) as unpacked:
            beginning = unpacked.read(_TAR_BLOCK)
        with opening(BytesIO(file.content)) as unpacked:
            if beginning[257:262] == b"ustar":
                return _read_members(_of_tar(_Bounded(unpacked, UNPACKED)), read_part)
            content = _Bounded(unpacked, _MEMBER).read()
    path = PurePosixPath(file.name)
    name = path.with_suffix(_PACKED_NAMES.get(path.suffix.lower(), "")).name if file.name else ""
    return read_part(File(content, name, file.charset))


class _Bounded(BytesIO):
    """A stream that ends in an error where it gives more than ``limit`` bytes."""

    def __init__(self, stream: BufferedIOBase, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = limit

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        found = self._stream.read(wanted)
        self._left -= len(found)
        if self._left < 0:
            raise UnreadableSource("it unpacks to far more than its size: such a file is not read")
        return found
