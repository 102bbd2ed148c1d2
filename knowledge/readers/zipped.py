"""Opens the formats that are zip archives of XML, such as Word's, and refuses what attacks.

Nothing is unpacked before its size is known, nothing further than that size, and the XML brings in
no other file, no address and no entities.
"""

import zipfile
import zlib
from io import BytesIO
from typing import Self

from lxml import etree

from domain.errors import UnreadableSource
from knowledge.readers.base import parsing
from knowledge.readers.ole import SIGN

UNPACKED = 400_000_000
"""Bytes of all parts together, pictures included; more in an office file is an attack."""

PART = 1_000_000
"""Bytes of a part from which on it is looked at how far it unpacks."""

RATIO = 150
"""Times its packed size, the most a large part unpacks to; Word's own come to 10 to 40 times."""

PARTS = 100_000
"""Parts of an archive; each takes about a kilobyte of memory before anything is read."""

PASSWORD = "it is protected by a password: save it without one, then add it again"  # noqa: S105

ENCRYPTED = 0x1
"""A bit of a part's flags."""

READ_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How parts are packed that are read: of these it is known how far they unpack."""

Element = etree._Element  # noqa: SLF001
"""An element of XML; its parser has no public name for the type."""

_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_ENTRY = b"PK\x01\x02"
_MANIFEST = "META-INF/manifest.xml"


def is_encrypted_office(content: bytes) -> bool:
    """Whether it is a Word, Excel or PowerPoint file with a password: an OLE file around a zip."""
    return content.startswith(SIGN) and _ENCRYPTED_OFFICE in content


class Zipped:
    """The parts of an archive, by name. ``what`` names the format to people, as in ``Word file``.

    Raises UnreadableSource where it is damaged, protected by a password, or unpacks to far more
    than its size.
    """

    def __init__(self, content: bytes, what: str) -> None:
        self.what = what
        if is_encrypted_office(content):
            raise UnreadableSource(PASSWORD)
        if content.count(_ENTRY) > PARTS:
            raise UnreadableSource(f"it holds more than {PARTS:,} parts: such a file is not read")
        with parsing(what):
            self._archive = zipfile.ZipFile(BytesIO(content))
            # Where two bear one name, the last is read, as by most programs.
            self._parts = {
                part.filename.replace("\\", "/"): part for part in self._archive.infolist()
            }
            # Some programs write names in other letters than the references to them.
            self._lower = {name.lower(): part for name, part in self._parts.items()}
        self._refuse_bombs()
        if _MANIFEST in self._parts and b"encryption-data" in self.read(_MANIFEST):
            raise UnreadableSource(PASSWORD)

    def _refuse_bombs(self) -> None:
        sizes = [(part.file_size, part.compress_size) for part in self._archive.infolist()]
        if sum(size for size, _ in sizes) > UNPACKED or any(
            size > PART and size > RATIO * packed for size, packed in sizes
        ):
            raise UnreadableSource("it unpacks to far more than its size: such a file is not read")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def __contains__(self, name: str) -> bool:
        return self._part(name) is not None

    def _part(self, name: str) -> zipfile.ZipInfo | None:
        return self._parts.get(name) or self._lower.get(name.lower())

    @property
    def names(self) -> list[str]:
        """The names of all parts, in the archive's order, folders left out."""
        return [name for name, part in self._parts.items() if not part.is_dir()]

    def size(self, name: str) -> int:
        """The bytes that a part unpacks to; 0 where there is none of that name."""
        part = self._part(name)
        return part.file_size if part else 0

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises UnreadableSource where it is missing, damaged or encrypted."""
        part = self._part(name)
        if part is None:
            raise UnreadableSource(f"it is no readable {self.what}, or a damaged one", name)
        if part.flag_bits & ENCRYPTED:
            raise UnreadableSource(PASSWORD)
        if part.compress_type not in READ_METHODS:
            raise UnreadableSource("it is packed in a way that is not read: pack it as usual")
        with parsing(self.what, zlib.error), self._archive.open(part) as packed:
            return packed.read(part.file_size)  # without the size, all there is would be unpacked

    def xml(self, name: str) -> Element:
        """The root of a part that is XML; see `xml`."""
        return xml(self.read(name), self.what)

    def xml_if_any(self, name: str) -> Element | None:
        """The root of a part that a file may lack; None too where that part alone is damaged."""
        if name not in self:
            return None
        try:
            return self.xml(name)
        except UnreadableSource:
            return None


def xml(content: bytes, what: str) -> Element:
    """The root of ``content``, without comments. Raises UnreadableSource.

    It is at most 256 elements deep, and each text at most 10 MB: libxml2 sees to both.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    with parsing(what, etree.LxmlError):
        root = etree.fromstring(content, parser)
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise UnreadableSource("it holds entities of its own, as attacks do: it is not read")
    return root
