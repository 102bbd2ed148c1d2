"""Cuts a document into chunks at its own seams: headings, paragraphs, lists, sentences."""

import re
from collections.abc import Iterator
from hashlib import sha256

from semantic_text_splitter import MarkdownSplitter

from domain.documents import Chunk, Document
from domain.questions import Audience

CHARACTERS = 1_200
"""The most that a chunk holds: about the 256 tokens that all-MiniLM-L6-v2 reads. On the two
measured sets larger chunks than 500 to 1,000 characters found more in the same room of a prompt."""

CHUNKER = f"markdown-{CHARACTERS}-headings-1"
"""Part of each source's checksum. Change it with anything that cuts or names chunks otherwise."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_SPLITTER = MarkdownSplitter(CHARACTERS)


def chunk(document: Document, audience: Audience) -> list[Chunk]:
    """The chunks of ``document`` in reading order, each text once.

    A chunk's title is the document's, followed by the headings that it stands under, as in
    ``Benefits › Health › Dental``.
    """
    under = list(headings(document.text))
    chunks: dict[str, Chunk] = {}
    for start, text in _SPLITTER.chunk_indices(document.text):
        if not any(character.isalnum() for character in text):
            continue
        title = " › ".join(_path(document.title, under, start))
        name = sha256(f"{document.source}\0{text}".encode()).hexdigest()[:32]
        chunks.setdefault(name, Chunk(name, document.source, title, text, audience))
    return list(chunks.values())


def embedded_text(chunk: Chunk) -> str:
    """What is embedded and searched for a chunk: its title tells what its text is about."""
    return f"{chunk.title}\n{chunk.text}"


def plain_line(markdown: str) -> str:
    """A line of Markdown as it reads: without link targets and emphasis."""
    return " ".join(_LINK.sub(r"\1", markdown).replace("*", "").replace("`", "").split())


def headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Each heading's position in characters, level from 1 to 6, and wording; not those in code."""
    position, fenced = 0, False
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.match(line.rstrip())):
            yield position, len(match[1]), plain_line(match[2])
        position += len(line)


def _path(title: str, under: list[tuple[int, int, str]], start: int) -> list[str]:
    open_headings: list[tuple[int, str]] = []
    for position, level, wording in under:
        if position > start:
            break
        while open_headings and open_headings[-1][0] >= level:
            open_headings.pop()
        open_headings.append((level, wording))
    return list(dict.fromkeys([title, *(wording for _, wording in open_headings if wording)]))
