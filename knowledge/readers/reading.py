"""Reads a file by the reader of its kind, and the files within it."""

from dataclasses import dataclass, replace
from importlib import import_module
from typing import cast

from domain.blocks import Content
from domain.errors import EmptySource, UnsupportedSource
from knowledge.readers import kinds
from knowledge.readers.base import ContainerReader, File, Reader
from knowledge.readers.recognition import recognized

READER = "blocks-5"
"""Part of each document's checksum. Change it with anything that reads a document otherwise."""

_DEEPEST = 3  # archives in mails in archives
_MOST_WITHIN = 400_000_000  # bytes of all files within one, unpacked

# Imported when the first file of their kind comes: the parsers are large.
_READERS = {
    kinds.MARKDOWN: "markdown",
    kinds.TEXT: "text",
    kinds.HTML: "html",
    kinds.RST: "rst",
    kinds.SOURCE_CODE: "source_code",
    kinds.PDF: "pdf",
    kinds.DOCX: "word",
    kinds.PPTX: "slides",
    kinds.XLSX: "sheets",
    kinds.XLS: "sheets",
    kinds.ODS: "sheets",
    kinds.ODT: "opendocument",
    kinds.ODP: "opendocument",
    kinds.CSV: "delimited",
    kinds.TSV: "delimited",
    kinds.JSON: "data",
    kinds.JSON_LINES: "data",
    kinds.YAML: "data",
    kinds.CALENDAR: "calendars",
    kinds.CONTACTS: "contacts",
}
_CONTAINERS = {
    kinds.NOTEBOOK: "notebook",
    kinds.EML: "mail",
    kinds.MSG: "mail",
    kinds.MBOX: "mail",
    kinds.EPUB: "epub",
    kinds.ZIP: "archives",
    kinds.TAR: "archives",
    kinds.GZIP: "archives",
}


def read(file: File) -> Content:
    """What ``file`` holds. Raises UnreadableSource, EmptySource and UnsupportedSource."""
    return _Inside().read(file)


@dataclass(slots=True)
class _Inside:
    """How deep in how many bytes of other files a file lies."""

    depth: int = 0
    size: int = 0

    def read(self, file: File) -> Content:
        if not file.content:
            raise EmptySource("it is empty")
        kind = recognized(file)
        known = replace(file, kind=kind)
        if name := _READERS.get(kind):
            return cast(Reader, import_module(f"knowledge.readers.{name}").read)(known)
        reader = cast(ContainerReader, import_module(f"knowledge.readers.{_CONTAINERS[kind]}").read)
        return reader(known, self._part)

    def _part(self, file: File) -> Content:
        self.size += len(file.content)
        if self.depth >= _DEEPEST:
            raise UnsupportedSource("it lies in too many files within files")
        if self.size > _MOST_WITHIN:
            raise UnsupportedSource("it lies in a file that holds too much")
        self.depth += 1
        try:
            return self.read(file)
        finally:
            self.depth -= 1
