"""The lines of calendars and contacts, as in ``SUMMARY;LANGUAGE=en:Stand-up`` (RFC 5545, 6350)."""

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.readers.base import File
from knowledge.readers.clean import clean, line
from knowledge.readers.decoding import decoded

_FOLD = re.compile(rb"\r?\n[ \t]")
_LINE = re.compile(r"\A(?:[\w-]++\.)?([\w-]++)((?:;(?:[^\":;]++|\"[^\"]*+\")*+)*+):(.*+)")
_PARAMETER = re.compile(r";([\w-]++)(?:=((?:[^\";]++|\"[^\"]*+\")*+))?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"((?:[^;\\]++|\\.)*+)(?:;|$)", re.DOTALL)
_QUOTED_PRINTABLE = "QUOTED-PRINTABLE"


@dataclass(frozen=True, slots=True)
class Property:
    """Names, of ``parameters`` too, are in capital letters; ``raw`` bears its escapes."""

    name: str
    parameters: dict[str, str]
    raw: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of a text, without the empty ones."""
        return tuple(filter(None, map(line, _unescaped(self.raw).split("\n"))))

    @property
    def text(self) -> str:
        return line(_unescaped(self.raw))

    @property
    def pieces(self) -> tuple[str, ...]:
        """What stands between semicolons, as in an address, without the empty ones."""
        found = (line(_unescaped(piece[1])) for piece in _PIECE.finditer(self.raw))
        return tuple(filter(None, found))


def properties(file: File) -> Iterator[Property]:
    """Each line of ``file`` that is one, folded ones whole. Raises UnreadableSource."""
    # Programs fold by bytes, also within a letter.
    text = clean(decoded(_FOLD.sub(b"", file.content), file.charset))
    for each in _whole(text.split("\n")):
        if found := _LINE.fullmatch(each.rstrip()):
            parameters = {
                name.upper(): value.replace('"', "") for name, value in _PARAMETER.findall(found[2])
            }
            yield Property(found[1].upper(), parameters, _plain(found[3], parameters))


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """``lines`` with those in one that vCard 2.1 parts by ``=`` at their ends."""
    pieces: list[str] = []
    for each in lines:
        pieces.append(each)
        if each.endswith("=") and _QUOTED_PRINTABLE in pieces[0].upper():
            pieces[-1] = each[:-1]
            continue
        yield "".join(pieces)
        pieces = []
    yield "".join(pieces)


def _plain(value: str, parameters: dict[str, str]) -> str:
    """``value`` as it is, or as vCard 2.1 encodes it."""
    encoding = parameters.get("ENCODING", "")
    if _QUOTED_PRINTABLE not in (encoding.upper(), *parameters):
        return value
    content = quopri.decodestring(value.encode())
    return decoded(content, parameters.get("CHARSET", "")).replace("\r\n", "\n") if content else ""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
