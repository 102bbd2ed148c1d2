"""Helpers for texts: whether one is blank, where its code is, and how to shorten it."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers of Hangul and the empty Braille pattern: Unicode calls them letters and symbols."""

_TICKS = re.compile(r"`+")
_FENCE = 3


def is_blank(text: str) -> bool:
    """Whether ``text`` has only invisible characters: spaces, controls, zero-width ones, marks."""
    return all(
        character in _INVISIBLE or unicodedata.category(character)[0] in "ZCM" for character in text
    )


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A piece of code from ``start`` up to ``end``, with its backticks."""

    start: int
    end: int
    is_closed: bool


def truncate(text: str, room: int, note: str = " …") -> str:
    """``text``, shortened to at most ``room`` characters; a shortened text ends with ``note``."""
    return text if len(text) <= room else text[: max(room - len(note), 0)].rstrip() + note


def code_spans(text: str) -> list[CodeSpan]:
    """The pieces of Markdown code in ``text``, in order.

    A fence of three or more backticks that is never closed extends to the end of the text. One or
    two backticks are code only if they are closed in the same line.
    """
    runs = [match.span() for match in _TICKS.finditer(text)]
    closing: dict[int, int] = {}  # from a run to the next one of the same length
    later: dict[int, int] = {}
    for n in range(len(runs) - 1, -1, -1):
        length = runs[n][1] - runs[n][0]
        if length in later:
            closing[n] = later[length]
        later[length] = n
    spans: list[CodeSpan] = []
    for n, (start, after) in enumerate(runs):
        if spans and start < spans[-1].end:
            continue
        end = runs[closing[n]][1] if n in closing else len(text)
        if after - start >= _FENCE or (n in closing and text.find("\n", after, end) < 0):
            spans.append(CodeSpan(start, end, n in closing))
    return spans


def span_at(spans: Sequence[CodeSpan], position: int) -> CodeSpan | None:
    """The span that contains ``position``, or None; ``spans`` are in order."""
    n = bisect_right(spans, position, key=lambda span: span.start) - 1
    return spans[n] if n >= 0 and position < spans[n].end else None
