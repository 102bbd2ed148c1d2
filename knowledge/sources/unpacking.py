"""Decompresses what a server sends, piece by piece and only up to a limit."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from domain.errors import UnreadableSource

_PIECE = 65_536
_ZLIB = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # how zlib names these formats
_RAW_DEFLATE = -15


def too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(f"it is larger than {limit / 1_000_000:g} MB")


def unpacked(pieces: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The decompressed content; each of its pieces is limited. Raises UnreadableSource."""
    wanted = [name for part in encoding.lower().split(",") if (name := part.strip())]
    wanted = [name for name in wanted if name != "identity"]
    if not wanted:
        yield from pieces
        return
    if len(wanted) > 1 or wanted[0] not in _ZLIB:
        raise UnreadableSource("its server compresses it in a way that is not supported")
    try:
        yield from _inflated(pieces, _ZLIB[wanted[0]], limit)
    except zlib.error as e:
        raise UnreadableSource("its server compressed it wrongly") from e


def _inflated(pieces: Iterable[bytes], bits: int, limit: int) -> Iterator[bytes]:
    unpacker: Any = None
    is_begun = False
    received = 0
    for packed in pieces:
        received += len(packed)
        if received > limit:
            raise too_large(limit)
        rest = packed
        while rest:
            if unpacker is None:
                unpacker = zlib.decompressobj(bits)
            try:
                yield unpacker.decompress(rest, _PIECE)
            except zlib.error:
                # Some servers send deflate without the header that the standard requires.
                if bits != _ZLIB["deflate"] or is_begun:
                    raise
                bits, unpacker = _RAW_DEFLATE, zlib.decompressobj(_RAW_DEFLATE)
                yield unpacker.decompress(rest, _PIECE)
            is_begun = True
            rest = unpacker.unconsumed_tail
            if unpacker.eof:
                # gzip allows several files in a row; anything else after one is padding.
                rest = unpacker.unused_data if unpacker.unused_data.startswith(b"\x1f\x8b") else b""
                unpacker = None
    if unpacker is not None:
        raise UnreadableSource("its server ended the connection in the middle")
