"""Where cells stand, as Excel's files name it: ``B2``, or ``B2:C5`` for several."""

import re

from knowledge.readers.cells import Span

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")


def span_of(reference: str) -> Span | None:
    """The cells of a reference such as ``B2`` or ``B2:C5``, counted from 0."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    left, top, right, bottom = found.groups()
    first_row, first_column = int(top) - 1, _column(left)
    return Span(
        first_row,
        first_column,
        int(bottom) - 1 if bottom else first_row,
        _column(right) if right else first_column,
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
