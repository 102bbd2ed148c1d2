"""Cuts a document into chunks that can each be read alone.

Every chunk bears the document's title and the headings above it, and every part of a table its
header rows. Lists, tables and code stay whole where they fit into a chunk. What introduces
something, as a question in bold does, is never parted from it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from itertools import zip_longest
from math import ceil

from semantic_text_splitter import TextSplitter

from domain.blocks import Block, Content, Heading, Paragraph, Where
from domain.documents import Chunk
from domain.questions import Audience
from domain.text import truncate
from domain.tokens import Reach
from knowledge.pieces import Piece, piece
from knowledge.reach import SPECIAL, counter

CHARACTERS = 1_200
"""The most that a chunk's text holds. On the two measured sets chunks of 500 to 1,000 characters
found less in the same room of a prompt."""

CHUNKER = f"blocks-{CHARACTERS}-4"
"""Part of each document's checksum. Change it with anything that cuts or names chunks otherwise."""

TITLE = 200
"""The most characters of a document's title, and of a heading."""

PATH = 400
"""The most characters of a chunk's title; the headings nearest to the chunk are kept."""

ANCHOR = 300
"""The most characters of an anchor; nothing links to a longer one. Every chunk holds its own."""

_BETWEEN = " › "
_PARAGRAPHS = "\n\n"
_SMALLEST = 32  # tokens for the text, where a title would take nearly all that the model reads
_STRETCH = 40  # chunks' worth of a line that are cut at a time

Count = Callable[[str], int]


def chunk(content: Content, title: str, reach: Reach) -> list[Chunk]:
    """The chunks of a document in reading order; nobody may read them yet.

    The same text under the same headings is one chunk.

    Their ids depend on their titles and texts alone. They do not know their document's key yet.

    A chunk's title is the document's, followed by the headings that it stands under, as in
    ``Benefits › Health › Dental``. Title and text together are no longer than ``reach``.
    """
    count = lru_cache(maxsize=100)(counter(reach))  # the same line is measured several times
    chunks: dict[str, Chunk] = {}  # by their ids
    for path, blocks in _sections(content.blocks, title):
        path = _shortened(path, reach.tokens, count)
        filling = _Filling(max(reach.tokens - SPECIAL - count(path), _SMALLEST), count)
        for text, where in filling.of(blocks):
            if any(character.isalnum() for character in text):
                made = Chunk("", "", path, text, Audience.of(), _bounded(where), len(chunks))
                made = replace(made, id=_id(made))
                chunks.setdefault(made.id, made)
    return list(chunks.values())


def _id(chunk: Chunk) -> str:
    return sha256(embedded_text(chunk).encode()).hexdigest()[:32]


def embedded_text(chunk: Chunk) -> str:
    """What is embedded and searched for a chunk: its title tells what its text is about."""
    return f"{chunk.title}\n{chunk.text}"


def heading_of(chunk: Chunk) -> str:
    """The last part of its title: the heading that is nearest to it, or the document's title."""
    return chunk.title.rsplit(_BETWEEN, 1)[-1]


def _sections(blocks: Sequence[Block], title: str) -> Iterator[tuple[str, list[Block]]]:
    """The blocks under each heading, and their path. A heading with nothing under it is a text."""
    above: list[Heading] = []
    held: list[Block] = []
    for block in blocks:
        if not isinstance(block, Heading):
            held.append(block)
            continue
        if held:
            yield _path(title, above), held
            held = []
        elif above and above[-1].level >= block.level:
            yield _path(title, above[:-1]), [above[-1]]
        while above and above[-1].level >= block.level:
            above.pop()
        above.append(block)
        if len(block.text) > TITLE:
            held.append(Paragraph(block.text, block.where))  # the path has its beginning only
    if held:
        yield _path(title, above), held
    elif above:
        yield _path(title, above[:-1]), [above[-1]]


class _Filling:
    """Fills chunks with pieces. Sizes are shares of a chunk: 1 is a full one."""

    def __init__(self, tokens: int, count: Count) -> None:
        self._tokens = tokens
        self._count = count
        self._held: list[Piece] = []
        self._share = 0.0

    def of(self, blocks: Sequence[Block]) -> Iterator[tuple[str, Where]]:
        for block in blocks:
            made = piece(block)
            if not made.text.strip():
                continue
            # What is too long is measured line by line.
            share = self._of(made.text) if len(made.text) <= CHARACTERS else 2
            if self._share + share > 1:
                yield from self._make_room(share)
            if self._share + share <= 1:
                self._add(made, share)
            else:
                yield from self._parted(made)
        yield from self._closed()

    def _make_room(self, share: float) -> Iterator[tuple[str, Where]]:
        """Closes the open chunk, but for what introduces the next piece, where that helps."""
        n = len(self._held)
        while n and self._held[n - 1].is_lead:
            n -= 1
        leads = self._held[n:]
        kept = sum(self._of(lead.text) for lead in leads)
        if n and kept + share <= 1:
            self._held = self._held[:n]
            yield from self._closed()
            self._held, self._share = leads, kept

    def _parted(self, made: Piece) -> Iterator[tuple[str, Where]]:
        """Fills chunks with as many lines of a piece as fit, each chunk with its head."""
        head = made.head
        if self._of(head) > 0.5:
            head = ""
            leads = ("", *made.leads) if made.leads else ()
            made = replace(made, lines=(made.head, *made.lines), head="", leads=leads)
        of_head = self._of(head)
        lines: list[str] = []
        used = 0.0
        for line in self._short(made, 1 - of_head):
            share = self._of(line) + (0 if lines else of_head)
            if lines and self._share + used + share > 1:
                self._add(replace(made, lines=tuple(lines), head=head), used)
                yield from self._closed()
                lines, used, share = [], 0.0, self._of(line) + of_head
            elif not lines and self._share + share > 1:
                yield from self._make_room(share)
                if self._share + share > 1:
                    yield from self._closed()
            lines.append(line)
            used += share
        self._add(replace(made, lines=tuple(lines), head=head), used)

    def _short(self, made: Piece, room: float) -> Iterator[str]:
        """Lines, of which those that do not fit into ``room`` are cut between sentences."""
        for line, lead in zip_longest(made.lines, made.leads, fillvalue=""):
            if self._of(line) <= room:
                yield line
                continue
            of_lead = self._of(lead)
            if of_lead > room / 2:
                lead, of_lead = "", 0.0
            for n, part in enumerate(self._parts(line, room - of_lead)):
                yield lead + part if n else part

    def _parts(self, line: str, room: float) -> Iterator[str]:
        share = self._of(line)
        if share <= room:
            yield line
            return
        capacity = max(int(len(line) / ceil(share / room)), 1)
        for part in _cut(line, capacity):
            yield from self._parts(part, room) if len(part) < len(line) else [part]

    def _add(self, made: Piece, share: float) -> None:
        self._held.append(made)
        self._share += share

    def _closed(self) -> Iterator[tuple[str, Where]]:
        if self._held:
            yield _PARAGRAPHS.join(one.text for one in self._held), self._held[0].where
        self._held, self._share = [], 0.0

    def _of(self, text: str) -> float:
        """The share of a chunk that ``text`` takes, with the blank line in front of it."""
        if not text:
            return 0.0
        return max((self._count(text) + 1) / self._tokens, (len(text) + 2) / (CHARACTERS + 2))


def _cut(line: str, capacity: int) -> Iterator[str]:
    """Parts of ``line`` with at most ``capacity`` characters each, cut between sentences if it can.

    A stretch of the line is cut at a time: the splitter's time grows with the square of a text. The
    last part of a stretch is cut again together with what follows it.
    """
    splitter = TextSplitter(capacity)
    stretch = _STRETCH * capacity
    start = 0
    while start < len(line):
        parts = splitter.chunk_indices(line[start : start + stretch])
        is_last = start + stretch >= len(line)
        kept = parts if is_last or len(parts) < 2 else parts[:-1]
        yield from (part for _, part in kept)
        start += stretch if len(kept) == len(parts) else parts[-1][0]


def _path(title: str, above: Sequence[Heading]) -> str:
    """The document's title and the headings above a chunk, each once, in ``PATH`` characters."""
    wordings = (truncate(heading.text, TITLE) for heading in above if heading.text)
    first, *rest = dict.fromkeys([title, *wordings])
    kept: list[str] = []
    room = PATH - len(truncate(first, TITLE))
    for wording in reversed(rest):
        room -= len(_BETWEEN) + len(wording)
        if room < 0:
            break
        kept.append(wording)
    return _BETWEEN.join([truncate(first, TITLE), *reversed(kept)])


def _bounded(where: Where) -> Where:
    anchor = where.anchor if len(where.anchor) <= ANCHOR else ""
    return replace(where, anchor=anchor, sheet=truncate(where.sheet, TITLE))


def _shortened(path: str, tokens: int, count: Count) -> str:
    """``path`` in half of what the model reads: its beginning, where it is longer."""
    while path and count(path) > tokens // 2:
        path = truncate(path, int(len(path) * 0.8))
    return path
