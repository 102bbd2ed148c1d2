"""The lines of a passage: sentences, headings, items of lists, and rows of tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from domain.support.names import pairs_of_capitals
from domain.support.sentences import Span, sentences
from domain.support.statement import content_stems, keys
from domain.support.tokens import Token, tokens

_CELLS = " | "
_ITEMS = frozenset(("- ", "* ", "• "))
_LONGEST_NAME = 60
_LONGEST_LABEL = 5
_LONGEST_HEADING = 80


@dataclass(frozen=True)
class Line:
    """A sentence of a passage, with its words when it is read alone."""

    span: Span
    words: tuple[Token, ...]
    is_heading: bool = False
    is_row: bool = False
    is_head: bool = False
    is_item: bool = False

    @cached_property
    def stems(self) -> frozenset[str]:
        return content_stems(self.words)

    @cached_property
    def keys(self) -> frozenset[str]:
        return keys(self.words)

    @cached_property
    def named(self) -> frozenset[tuple[str, str]]:
        """The pairs of words with capitals."""
        return frozenset(pairs_of_capitals(self.words))


@lru_cache(maxsize=1_024)  # many answers are compared with the same passages
def written(text: str) -> tuple[Line, ...]:
    """The lines of a text, cut into sentences, and the rows of its tables."""
    return tuple(_written(text))


def _written(text: str) -> Iterator[Line]:
    names: list[str] = []
    start = 0
    for line in text.split("\n"):
        bare = line.strip()
        cells = _cells(bare)
        if len(cells) > 1:
            if any(sign.isalnum() for sign in bare):
                row = Span(bare, start, start + len(line))
                words = tuple(tokens(_row(names, cells)))
                yield Line(row, words, is_row=True, is_head=not names)
                names = names or cells
        else:
            names = []
            label, is_item = _label(line), bare[:2] in _ITEMS
            for n, span in enumerate(sentences(line)):
                placed = Span(span.text, start + span.start, start + span.end)
                alone = f"{label}: {span.text}" if n and label else span.text
                yield Line(
                    placed,
                    tuple(tokens(alone)),
                    is_heading=_is_heading(line),
                    is_row=_is_record(span.text),
                    is_item=is_item,
                )
        start += len(line) + 1


def is_label(line: Line, below: Line) -> bool:
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


def _cells(line: str) -> list[str]:
    """The cells of a row of a table, which may begin and end with a bar; else the whole line."""
    if line.startswith("|") and line.endswith("|"):
        return [cell.strip() for cell in line[1:-1].split("|")]
    return line.split(_CELLS)


def _row(names: list[str], cells: list[str]) -> str:
    if len(names) != len(cells):
        return "; ".join(cells)
    return ("; " if len(cells) > 2 else ": ").join(
        f"{name}: {cell}" for name, cell in zip(names, cells, strict=True)
    )


def _is_record(text: str) -> bool:
    """Whether ``text`` is a row with the names of its columns: ``Name: Zeta; Price: 12``."""
    return ": " in text[:_LONGEST_NAME] and "; " in text and text.count(": ") > text.count("; ")


def _is_heading(line: str) -> bool:
    bare = line.strip()
    return (
        len(bare) <= _LONGEST_HEADING
        and bare[-1:] not in ".!?;,。！？；、।"
        and bare[:1] not in "-*•"
    )
