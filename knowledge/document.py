"""A file as a document: its title, its chunks, and what people should know of it."""

from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from domain.blocks import Content, Heading
from domain.documents import Chunk
from domain.errors import EmptySource, UnreadableSource
from domain.text import truncate
from domain.tokens import Reach
from knowledge.chunk import TITLE, chunk
from knowledge.pieces import piece
from knowledge.readers.base import File
from knowledge.readers.reading import read

LONGEST_TEXT = 10_000_000
"""Characters of a document's text; a book has about one million."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What a document holds; ``notes`` say what of it could not be read."""

    title: str
    chunks: list[Chunk]
    notes: tuple[str, ...]


def read_document(file: File, source: str, reach: Reach) -> ReadDocument:
    """Reads ``file``, and cuts it into chunks that nobody may read yet.

    Its title is what the format says, or the first heading, or the source's own name. Raises
    UnreadableSource, EmptySource and UnsupportedSource.
    """
    content = read(file)
    if sum(len(piece(block).text) for block in content.blocks) > LONGEST_TEXT:
        raise UnreadableSource(f"it holds more than {LONGEST_TEXT:,} characters")
    title = truncate(" ".join(content.title.split()) or _first_heading(content), TITLE)
    title = title or truncate(_name(source), TITLE)
    chunks = chunk(content, source, title, reach)
    if not chunks and not content.notes:
        raise EmptySource("it holds no text")
    return ReadDocument(title, chunks, content.notes)


def _first_heading(content: Content) -> str:
    headings = (block.text for block in content.blocks if isinstance(block, Heading))
    return next(filter(None, headings), "")


def _name(source: str) -> str:
    address = urlsplit(source) if "://" in source else None
    path = unquote(address.path) if address else source
    return PurePath(path).stem or (address.netloc if address else source)
