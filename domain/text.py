"""What a text looks like: whether it shows anything, and which parts are code."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers of Hangul and the empty Braille pattern: letters and symbols by name only."""

_TICKS = re.compile(r"`+")
_FENCE = 3


def is_blank(text: str) -> bool:
    """Whether nothing of ``text`` can be seen: blanks, controls, signs without width, marks."""
    return all(
        character in _INVISIBLE or unicodedata.category(character)[0] in "ZCM" for character in text
    )


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """From ``start`` up to ``end`` there is code, backticks included."""

    start: int
    end: int
    is_closed: bool


def truncate(text: str, room: int, note: str = " …") -> str:
    """``text`` in at most ``room`` characters, with ``note`` where some are missing."""
    return text if len(text) <= room else text[: max(room - len(note), 0)].rstrip() + note


def code_spans(text: str) -> list[CodeSpan]:
    """Each piece of Markdown code, in order.

    A fence of three backticks or more that nothing closes reaches to the end of the text; fewer
    of them close in their own line, or are none.
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
    """The one of ``spans``, which are in order, that ``position`` lies in."""
    n = bisect_right(spans, position, key=lambda span: span.start) - 1
    return spans[n] if n >= 0 and position < spans[n].end else None
