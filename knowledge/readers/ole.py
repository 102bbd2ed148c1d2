"""Old Office files and mails of Outlook: streams in folders, a Compound File ([MS-CFB])."""

from io import BytesIO
from struct import unpack_from

import olefile

from domain.errors import UnreadableSource
from knowledge.readers.base import PARSER_ERRORS

SIGN = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

DAMAGED = "it is damaged: it ends too early, or was changed"

_HEADER = 512  # bytes
_SECTOR_SHIFTS = (9, 12)  # of the two versions: sectors of 512 and of 4,096 bytes


def main_streams(content: bytes) -> frozenset[str]:
    """The names of the streams in the main folder, in small letters. Raises UnreadableSource.

    A file that is embedded in another has its streams deeper.
    """
    refuse_damaged(content)
    try:
        with olefile.OleFileIO(BytesIO(content)) as parts:
            return frozenset(path[0].lower() for path in parts.listdir() if len(path) == 1)
    except PARSER_ERRORS as e:
        raise UnreadableSource(DAMAGED, f"{type(e).__name__}: {e}") from e


def refuse_damaged(content: bytes) -> None:
    """Raises UnreadableSource if the header promises more tables than the file can hold.

    A reader follows them for so long, also where they lead in circles.
    """
    if len(content) < _HEADER:
        raise UnreadableSource(DAMAGED, "no whole header")
    (shift,) = unpack_from("<H", content, 30)
    (tables,) = unpack_from("<I", content, 44)
    (tables_of_tables,) = unpack_from("<I", content, 72)
    if shift not in _SECTOR_SHIFTS or tables + tables_of_tables > len(content) >> shift:
        raise UnreadableSource(DAMAGED, "its header")
