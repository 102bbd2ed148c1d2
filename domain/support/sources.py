"""The sentences of a passage, each with what stands above it: title, headings, heads of tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from domain.questions import Passage
from domain.support.sentences import Span, sentences
from domain.support.statement import Statement, content_stems, keys, statement
from domain.support.tokens import Token, tokens

_CELLS = " | "
_LONGEST_NAME = 60
_LONGEST_HEADING = 80


@dataclass(frozen=True)
class ShownPassage:
    """A passage that the model was shown, with what its sentences are understood with.

    ``common`` are the words that the passages and the question write without a capital.
    """

    passage: Passage
    title: tuple[Token, ...]
    keys: frozenset[str]
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
    """The sentences of the passages, in order."""
    written = [[*_written(passage.text)] for passage in passages]
    every = [asked, *(words for lines in written for _, words, _ in lines)]
    common = frozenset(word.low for words in every for word in words if word.text[:1].islower())
    for passage, lines in zip(passages, written, strict=True):
        title = tuple(tokens(passage.title))
        known = keys([*asked, *title, *(word for _, words, _ in lines for word in words)])
        shown = ShownPassage(passage, title, known, common)
        heading: tuple[Token, ...] = ()
        for span, words, is_heading in lines:
            if is_heading:
                heading = words
            is_row = _CELLS in span.text or _is_record(span.text)
            yield Source(shown, span, words, heading, content_stems(words), is_row)


def _written(text: str) -> Iterator[tuple[Span, tuple[Token, ...], bool]]:
    """Each sentence, its words when it is read alone, and whether it is a heading."""
    names: list[str] = []
    start = 0
    for line in text.split("\n"):
        cells = line.strip().split(_CELLS)
        if len(cells) > 1:
            row = Span(line.strip(), start, start + len(line))
            yield row, tuple(tokens(_row(names, cells))), False
            names = names or cells
        else:
            names = []
            label = _label(line)
            for n, span in enumerate(sentences(line)):
                placed = Span(span.text, start + span.start, start + span.end)
                alone = f"{label}: {span.text}" if n and label else span.text
                yield placed, tuple(tokens(alone)), _is_heading(line)
        start += len(line) + 1


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
