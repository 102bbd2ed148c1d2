"""The lines of a passage: sentences, questions, headings, items of lists, and rows of tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from domain.markdown import CodeSpan, code_spans, span_at
from domain.support.names import pairs_of_capitals
from domain.support.rows import Said, in_words, said_by_marks
from domain.support.sentences import Span, sentences
from domain.support.statement import content_stems, keys
from domain.support.tokens import Token, tokens

_CELLS = " | "
_ITEMS = frozenset(("- ", "* ", "• "))
_FENCES = ("```", "~~~")
_ASKING = ("?", "？", "؟")
_EMPHASIS = "*_ "
_LONGEST_NAME = 60
_LONGEST_LABEL = 5
_LONGEST_HEADING = 80


@dataclass(frozen=True)
class Line:
    """A sentence of a passage, with its words when it is read alone.

    ``marked`` are the cells of a row that say yes or no to what their column names.
    """

    span: Span
    words: tuple[Token, ...]
    is_heading: bool = False
    is_row: bool = False
    is_head: bool = False
    is_item: bool = False
    is_question: bool = False
    is_code: bool = False
    marked: frozenset[int] = frozenset()

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
    said: Iterator[Said] = iter(())
    start = 0
    code = _code(text)
    is_below_question = False
    lines = text.split("\n")
    for n, line in enumerate(lines):
        bare = line.strip()
        cells = _cells(bare)
        if span_at(code, start + len(line) - len(line.lstrip())):
            names = []
            if not bare.startswith(_FENCES):
                for span in _placed(line, start):
                    yield Line(span, tuple(tokens(span.text)), is_code=True)
        elif len(cells) > 1:
            if _says_something(bare):
                row = Span(bare, start, start + len(line))
                marks: Said = next(said, ()) if names else ()
                words = tuple(tokens(in_words(names, cells, marks)))
                marked = frozenset(at for at, says in enumerate(marks) if says is not None)
                yield Line(row, words, is_row=True, is_head=not names, marked=marked)
                if not names:
                    names, said = cells, said_by_marks(cells, list(_rows_below(lines, n)))
        else:
            names = []
            label, is_item = _label(line), bare[:2] in _ITEMS
            for at, span in enumerate(_placed(line, start)):
                alone = f"{label}: {span.text}" if at and label else span.text
                yield Line(
                    span,
                    tuple(tokens(alone)),
                    is_heading=_is_heading(line) and not is_below_question,
                    is_row=_is_record(span.text),
                    is_item=is_item,
                    is_question=is_question(span.text),
                )
        is_below_question = is_question(bare)
        start += len(line) + 1


def is_question(text: str) -> bool:
    """Whether a sentence asks, also in bold."""
    return text.rstrip(_EMPHASIS).endswith(_ASKING)


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


def _rows_below(lines: Sequence[str], head: int) -> Iterator[list[str]]:
    """The cells of the rows of a table below its head."""
    for at in range(head + 1, len(lines)):
        bare = lines[at].strip()
        cells = _cells(bare)
        if len(cells) < 2:
            return
        if _says_something(bare):
            yield cells


def _says_something(row: str) -> bool:
    """Whether a row is more than a line of dashes between the others."""
    return any(sign.isalnum() for sign in row)


def _is_record(text: str) -> bool:
    """Whether ``text`` is a row with the names of its columns: ``Name: Zeta; Price: 12``."""
    return ": " in text[:_LONGEST_NAME] and "; " in text and text.count(": ") > text.count("; ")


def _placed(line: str, start: int) -> Iterator[Span]:
    """The sentences of a line that begins at ``start``."""
    for span in sentences(line):
        yield Span(span.text, start + span.start, start + span.end)


def _code(text: str) -> Sequence[CodeSpan]:
    """The code between fences, of which a short line is no heading."""
    if not any(fence in text for fence in _FENCES):
        return ()
    return [one for one in code_spans(text) if text.startswith(_FENCES, one.start)]


def _is_heading(line: str) -> bool:
    bare = line.strip()
    return (
        len(bare) <= _LONGEST_HEADING
        and bare[-1:] not in ".!?;,。！？；、।"
        and bare[:1] not in "-*•"
    )
