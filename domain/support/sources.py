"""The sentences of a passage, each with what stands above it: title, headings, heads of tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from domain.questions import Passage
from domain.support.sentences import Span, sentences
from domain.support.statement import Statement, content_stems, keys, statement
from domain.support.tokens import Token, tokens

_CELLS = " | "
_ITEMS = frozenset(("- ", "* ", "• "))
_LONGEST_NAME = 60
_LONGEST_LABEL = 5
_LONGEST_HEADING = 80


@dataclass(frozen=True)
class ShownPassage:
    """A passage that the model was shown, with what its sentences are understood with.

    ``common`` are the words that the passages and the question write without a capital. ``keys``
    are all words of the passage, its title and the question; ``keys_around`` are those without the
    rows and the items of lists, of which each is about something else.
    """

    passage: Passage
    title: tuple[Token, ...]
    keys: frozenset[str]
    keys_around: frozenset[str]
    common: frozenset[str]


@dataclass(frozen=True)
class Source:
    """A sentence of a passage; it is taken apart only when a claim is compared with it.

    ``words`` are those of the sentence when it is read alone: a row of a table has the names of its
    columns. ``stems`` are its content words.
    """

    shown: ShownPassage
    span: Span
    words: tuple[Token, ...]
    heading: tuple[Token, ...]
    stems: frozenset[str]
    is_row: bool
    is_item: bool

    @property
    def keys(self) -> frozenset[str]:
        """The words that may be told of it: not those of the other rows."""
        return self.shown.keys_around if self.is_row or self.is_item else self.shown.keys

    @property
    def passage(self) -> Passage:
        return self.shown.passage

    @cached_property
    def said(self) -> Statement:
        return statement(self.words, self.shown.common)

    @cached_property
    def head(self) -> tuple[Statement, ...]:
        """The passage's title, and the heading above the sentence."""
        return tuple(
            statement(words, self.shown.common) for words in (self.shown.title, self.heading)
        )


def sources(passages: Sequence[Passage], asked: Sequence[Token]) -> Iterator[Source]:
    """The sentences of the passages, in order; what only names the lines below it is none."""
    written = [[*_written(passage.text)] for passage in passages]
    every = [asked, *(line.words for lines in written for line in lines)]
    common = frozenset(word.low for words in every for word in words if word.text[:1].islower())
    for passage, lines in zip(passages, written, strict=True):
        title = tuple(tokens(passage.title))
        around = [line for line in lines if not (line.is_row or line.is_item)]
        known, open_to_all = (
            keys([*asked, *title, *(word for line in some for word in line.words)])
            for some in (lines, around)
        )
        shown = ShownPassage(passage, title, known, open_to_all, common)
        heading: tuple[Token, ...] = ()
        for line, below in zip_longest(lines, lines[1:]):
            if line.is_heading:
                heading = line.words
            if not (below and _is_label(line, below)):
                stems = content_stems(line.words)
                yield Source(
                    shown, line.span, line.words, heading, stems, line.is_row, line.is_item
                )


@dataclass(frozen=True)
class _Line:
    """A sentence of a passage, with its words when it is read alone."""

    span: Span
    words: tuple[Token, ...]
    is_heading: bool = False
    is_row: bool = False
    is_head: bool = False
    is_item: bool = False


def _written(text: str) -> Iterator[_Line]:
    names: list[str] = []
    start = 0
    for line in text.split("\n"):
        bare = line.strip()
        cells = bare.split(_CELLS)
        if len(cells) > 1:
            if any(sign.isalnum() for sign in bare):
                row = Span(bare, start, start + len(line))
                words = tuple(tokens(_row(names, cells)))
                yield _Line(row, words, is_row=True, is_head=not names)
                names = names or cells
        else:
            names = []
            label, is_item = _label(line), bare[:2] in _ITEMS
            for n, span in enumerate(sentences(line)):
                placed = Span(span.text, start + span.start, start + span.end)
                alone = f"{label}: {span.text}" if n and label else span.text
                yield _Line(
                    placed,
                    tuple(tokens(alone)),
                    is_heading=_is_heading(line),
                    is_row=_is_record(span.text),
                    is_item=is_item,
                )
        start += len(line) + 1


def _is_label(line: _Line, below: _Line) -> bool:
    """Whether a line only names what stands below: the head of a table, or a short heading."""
    if line.is_head:
        return below.is_row
    is_short = len(line.words) <= _LONGEST_LABEL
    return (
        line.is_heading
        and is_short
        and not line.is_row
        and all(word.low != ":" and not word.low[0].isdigit() for word in line.words)
    )


def _label(line: str) -> str:
    """What a line says first that it is about, as in ``Sourdough: feed it. Bake it.``"""
    label, colon, _ = line[:_LONGEST_NAME].partition(": ")
    label = label.strip(" -*•")
    return label if colon and label.replace(" ", "").isalpha() else ""


def _row(names: list[str], cells: list[str]) -> str:
    if len(names) != len(cells):
        return "; ".join(cells)
    return "; ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))


def _is_record(text: str) -> bool:
    """Whether ``text`` is a row with the names of its columns: ``Name: Zeta; Price: 12``."""
    return ": " in text[:_LONGEST_NAME] and "; " in text and text.count(": ") > text.count("; ")


def _is_heading(line: str) -> bool:
    bare = line.strip()
    return len(bare) <= _LONGEST_HEADING and bare[-1:] not in ".!?;," and bare[:1] not in "-*•"
