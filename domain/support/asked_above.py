"""The questions of a passage, as in an FAQ, each with the lines that answer it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from domain.questions import Passage
from domain.support.lines import Line, is_question
from domain.support.tokens import Token, tokens
from domain.support.yes_and_no import answered

BETWEEN = "›"
"""What parts the headings in a title."""

_Words = tuple[Token, ...]


def read_as_answers(passage: Passage, lines: Sequence[Line]) -> Iterator[tuple[_Words, _Words]]:
    """For each line its words, and the question above it, which may be empty.

    In the first line below a question a Yes or No has the words of what was asked. A question
    reaches to the next one or the next heading; one with words behind it only to the end of its
    line; and one in the title to all lines.
    """
    last = passage.title.rpartition(BETWEEN)[2]
    question: _Words = tuple(tokens(last)) if is_question(last) else ()
    is_first, is_in_line = True, False
    for before, line in pairwise([None, *lines]):
        assert line
        is_beside = before is not None and "\n" not in _between(passage.text, before, line)
        if before is not None and before.is_question:
            question, is_first, is_in_line = before.words, True, is_beside
        elif line.is_heading or (is_in_line and not is_beside):
            question = ()
        if not question or line.is_row or line.is_question:
            yield line.words, ()
            continue
        told = answered(question, line.words) if is_first else ()
        yield told or line.words, question
        is_first = False


def _between(text: str, before: Line, line: Line) -> str:
    return text[before.span.end : line.span.start]
