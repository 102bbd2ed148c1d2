"""Whether a source is still as it was read: its version, and the checksum of its content."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath

from domain.blocks import Content
from domain.documents import Source, SourceState
from knowledge.chunk import CHUNKER
from knowledge.document import name_of
from knowledge.index.words import WORDS
from knowledge.readers.base import File
from knowledge.readers.reading import READER

_WITH_LINKS = ("text/", "application/xhtml")
# Links such as ``?page=2`` lead to the page's own address; those that begin oddly may do so.
_SHOWS_ALL = re.compile(
    rb"""href\s*=\s*(?:"(?![\w/.#"])|'(?![\w/.#'])|(?![\w/.#"'>\s]))""", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Way:
    """How documents are read, split, cut into words and embedded, by the embedding ``model``.

    Versions and checksums say it too: what was read in another way is read again.
    """

    model: str

    @property
    def _name(self) -> str:
        return sha256(self._made.encode()).hexdigest()[:12]

    @property
    def _made(self) -> str:
        return f"{READER}\0{CHUNKER}\0{WORDS}\0{self.model}"

    def stored(self, version: str) -> str:
        """What ``Source.version`` keeps of a connector's ``version``; empty stays empty."""
        return f"{self._name} {version}" if version else ""

    def version(self, row: Source | None) -> str:
        """The connector's version that was read last; empty if it must be read again."""
        if row is None or row.state is not SourceState.INDEXED:
            return ""
        name, _, version = row.version.partition(" ")
        return version if name == self._name else ""

    def checksum(self, content: File | Content) -> str:
        """Names the document that ``content`` holds: equal files, and equal pages of one folder."""
        if isinstance(content, Content):
            return self._digest("blocks", repr(content).encode(errors="surrogatepass"))
        said = f"{content.kind}\0{content.charset}\0{PurePath(content.name).suffix.lower()}"
        if content.address and content.kind.startswith(_WITH_LINKS):
            # Links are read as whole addresses, so they say where the page was.
            said += f"\0{_shown_by_links(content.content, content.address)}"
        return self._digest(said, content.content)

    def named(self, document: str, content: File | Content, source: str) -> str:
        """The name of a document whose title is that of its source."""
        name = "" if isinstance(content, Content) else content.name
        own = f"{document}\0{name_of(source, name)}\0{name}"
        return self._digest("named", own.encode(errors="surrogatepass"))

    def _digest(self, said: str, content: bytes) -> str:
        made = f"{said}\0{self._made}".encode(errors="replace")
        return sha256(made + b"\0\0" + content).hexdigest()


def _shown_by_links(page: bytes, address: str) -> str:
    """What relative links of a page may show of its address: mostly its folder."""
    whole = address.partition("#")[0].partition("?")[0]
    plain = page.replace(b"\0", b"")  # as in UTF-16
    return whole if _SHOWS_ALL.search(plain) else whole.rpartition("/")[0]
