"""A file as a document: its title, its chunks, and what people should know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from domain.blocks import Block, Content, Heading
from domain.documents import Chunk
from domain.errors import EmptySource, UnreadableSource
from domain.text import truncate
from domain.tokens import Reach
from knowledge.chunk import TITLE, chunk
from knowledge.pieces import piece
from knowledge.readers.base import File
from knowledge.readers.reading import read

_NOT_NAMED_BY_FILES = ("slack-file:", "git+")

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

    Its title is what the format says, or the one heading above all others, or the source's own
    name. Raises UnreadableSource, EmptySource and UnsupportedSource.
    """
    return document_of(read(file), source, reach, file.name)


def document_of(content: Content, source: str, reach: Reach, name: str = "") -> ReadDocument:
    """The document that consists of these blocks, as ``read_document`` says.

    ``name`` is that of its file, if it is one.
    """
    if sum(len(piece(block).text) for block in content.blocks) > LONGEST_TEXT:
        raise UnreadableSource(f"it holds more than {LONGEST_TEXT:,} characters")
    said = " ".join(content.title.split()) or _only_heading(content.blocks)
    named = said or name_of(source, name)
    title = truncate(named, TITLE)
    chunks = chunk(content, title, reach)
    if not chunks and not content.notes:
        raise EmptySource("it holds no text")
    return ReadDocument(title, chunks, content.notes)


def _only_heading(blocks: Sequence[Block]) -> str:
    """The one heading that all others stand under; of several, none names the document."""
    headings = [block for block in blocks if isinstance(block, Heading) and block.text]
    highest = min((heading.level for heading in headings), default=0)
    top = [heading for heading in headings if heading.level == highest]
    is_one = bool(top) and all(each == top[0] for each in top)  # it may be repeated behind a box
    return top[0].text if is_one and headings[0] is top[0] else ""


def name_of(source: str, file: str = "") -> str:
    """The title of a source that has none; ``file`` is the name of its file, if it is one.

    A file of Slack is addressed by its id, and one of a git repository by the repository.
    """
    if source.startswith(_NOT_NAMED_BY_FILES) and (named := PurePath(file).stem):
        return named.encode(errors="replace").decode()  # a name in git may be any bytes
    address = urlsplit(source) if "://" in source else None
    path = unquote(address.path) if address else source
    return PurePath(path).stem or (address.netloc if address else source)
