"""Splits a document into chunks, between headings, paragraphs, list items or sentences."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from hashlib import sha256

from semantic_text_splitter import MarkdownSplitter

from domain.documents import Chunk, Document
from domain.questions import Audience
from domain.text import truncate

CHARACTERS = 1_200
"""The most characters of a chunk: about the 256 tokens that all-MiniLM-L6-v2 reads. On the two
measured sets, larger chunks found more than chunks of 500 to 1,000 characters in a prompt of the
same size."""

CHUNKER = f"markdown-{CHARACTERS}-headings-2"
"""A part of each source's checksum. Raise it with each change in how chunks are split or named."""

TITLE = 200
"""The most characters of a document's title, and of a heading."""

PATH = 400
"""The most characters of a chunk's title; the headings nearest to the chunk are kept."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*)$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
# The target may contain pairs of parentheses, as Wikipedia's addresses do.
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\((?:[^()]++|\([^()]*+\))*+\)")
_LONGEST_LINE = 2_000  # the most characters of a heading that are read
_BETWEEN = " › "
_SPLITTER = MarkdownSplitter(CHARACTERS)


def chunk(document: Document, audience: Audience) -> list[Chunk]:
    """The chunks of ``document`` in reading order; a repeated text is left out.

    A chunk's title is the document's title, followed by the headings above the chunk, as in
    ``Benefits › Health › Dental``.
    """
    coming = deque(headings(document.text))
    above: list[tuple[int, str]] = []
    chunks: dict[str, Chunk] = {}
    for start, text in _SPLITTER.chunk_indices(document.text):
        while coming and coming[0][0] <= start:
            _, level, wording = coming.popleft()
            while above and above[-1][0] >= level:
                above.pop()
            above.append((level, wording))
        if not any(character.isalnum() for character in text):
            continue
        title = _path(document.title, [wording for _, wording in above if wording])
        name = sha256(f"{document.source}\0{text}".encode()).hexdigest()[:32]
        chunks.setdefault(name, Chunk(name, document.source, title, text, audience))
    return list(chunks.values())


def embedded_text(chunk: Chunk) -> str:
    """The text that is embedded and searched for a chunk: its title and its text."""
    return f"{chunk.title}\n{chunk.text}"


def plain_line(markdown: str) -> str:
    """A line of Markdown as plain text, without link targets and emphasis; at most ``TITLE``."""
    line = _LINK.sub(r"\1", markdown[:_LONGEST_LINE]).replace("*", "").replace("`", "")
    return truncate(" ".join(line.split()), TITLE)


def headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Each heading's position (in characters), level (1 to 6) and text; not those in code."""
    position, fenced = 0, False
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.match(line.rstrip())):
            yield position, len(match[1]), plain_line(_unclosed(match[2]))
        position += len(line)


def _unclosed(heading: str) -> str:
    """``heading`` without number signs at its end: those of ``Rules ##``, but not of ``C#``."""
    bare = heading.rstrip("#")
    return bare if not bare or bare[-1] in " \t" else heading


def _path(title: str, above: Sequence[str]) -> str:
    """The document's title and the headings above a chunk, each once; at most ``PATH`` long."""
    first, *rest = dict.fromkeys([title, *above])
    kept: list[str] = []
    room = PATH - len(truncate(first, TITLE))
    for wording in reversed(rest):
        room -= len(_BETWEEN) + len(wording)
        if room < 0:
            break
        kept.append(wording)
    return _BETWEEN.join([truncate(first, TITLE), *reversed(kept)])
