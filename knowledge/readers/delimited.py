"""Reads exports of tables: values parted by commas, semicolons, tabs or bars."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from itertools import islice
from typing import Literal

from domain.blocks import Content
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.cells import CELLS
from knowledge.readers.clean import line
from knowledge.readers.decoding import decoded
from knowledge.readers.grids import Styled, blocks_of, is_value

_DELIMITERS = "\t;|,"  # the first where several fit: commas stand within numbers too
_NAMED = {".tsv": "\t", ".tab": "\t"}
_SAMPLE_ROWS = 200
_SAMPLE = 200_000  # characters that tell the delimiter
_LONGEST_CELL = 10_000_000  # characters; no text that is read is longer
_MOST = 0.8  # of the rows
_QUOTES_ARE_LETTERS = "a quote is not closed: it is read as a letter"
_SEPARATOR = "sep="  # how Excel names the delimiter in a first line


def read(file: File) -> Content:
    """The rows of an export, under the names of its columns."""
    text = decoded(file.content, file.charset)
    delimiter = ""
    first, _, rest = text.partition("\n")
    if first.lower().startswith(_SEPARATOR) and len(first.strip()) == len(_SEPARATOR) + 1:
        delimiter, text = first.strip()[-1], rest
    delimiter = delimiter or _delimiter(text[:_SAMPLE], file.name)
    rows, notes = _rows(text, delimiter)
    blocks = tuple(blocks_of(_with_names(rows)))
    if not blocks:
        raise EmptySource("it holds no values")
    return Content(blocks, notes=notes)


def _rows(text: str, delimiter: str) -> tuple[list[Styled], tuple[str, ...]]:
    """The rows, and notes on what is wrong with them.

    Where a quote stands amiss, quotes count as letters if that gives more rows of the usual width,
    and hardly any of another.
    """
    with suppress(csv.Error):
        return _reading(text, delimiter, csv.QUOTE_MINIMAL, is_strict=True)
    quoted, notes = _reading(text, delimiter, csv.QUOTE_MINIMAL)
    plain, notes_on_plain = _reading(text, delimiter, csv.QUOTE_NONE)
    width, count = Counter(len(row.cells) for row in quoted).most_common(1)[0]
    fitting = sum(len(row.cells) == width for row in plain)
    if fitting <= count or fitting < _MOST * len(plain):
        return quoted, notes
    return plain, (*notes_on_plain, _QUOTES_ARE_LETTERS)


def _reading(
    text: str, delimiter: str, quoting: Literal[0, 3], *, is_strict: bool = False
) -> tuple[list[Styled], tuple[str, ...]]:
    """The rows, and a note where there are too many.

    Raises csv.Error if ``is_strict`` and a quote stays open, or closes within a value.
    """
    rows: list[Styled] = []
    cells = 0
    for row in _cut(text, delimiter, quoting, is_strict=is_strict):
        cells += len(row) or 1
        if cells > CELLS:
            return rows, (f"only the first {len(rows):,} rows are read",)
        if quoting == csv.QUOTE_NONE:
            row = list(map(_unquoted, row))
        rows.append(Styled(tuple(map(line, row))))
    return rows, ()


def _unquoted(cell: str) -> str:
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if is_quoted else cell


def _cut(
    text: str, delimiter: str, quoting: Literal[0, 3], *, is_strict: bool = False
) -> Iterator[list[str]]:
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))
    lines = StringIO(text, newline=None)
    return csv.reader(
        lines, delimiter=delimiter, skipinitialspace=True, quoting=quoting, strict=is_strict
    )


def _delimiter(sample: str, name: str) -> str:
    """The sign that cuts the most rows of ``sample`` into the same number of cells.

    The standard library's Sniffer takes letters for delimiters, and commas within numbers.
    """
    for suffix, sign in _NAMED.items():
        if name.lower().endswith(suffix) and sign in sample:
            return sign
    return max(_DELIMITERS, key=lambda sign: _fit(sample, sign))


def _fit(sample: str, sign: str) -> float:
    """The share of rows that ``sign`` cuts into the usual number of cells; 0 where that is one."""
    try:
        widths = [len(row) for row in islice(_cut(sample, sign, 0), _SAMPLE_ROWS) if row]
    except csv.Error:
        return 0
    if len(widths) > 1 and len(sample) == _SAMPLE:
        widths.pop()  # its row may be cut
    usual, count = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return round(count / len(widths), 2) if usual > 1 else 0


def _with_names(rows: list[Styled]) -> list[Styled]:
    """``rows`` with the first one set off where it names the columns, as in most exports.

    A blank row below it says something only if less than half a row follows, such as a remark or
    another table: some programs write one behind each row.
    """
    width = max((len(row.cells) for row in rows[:_SAMPLE_ROWS]), default=0)
    for number, row in enumerate(rows[:_SAMPLE_ROWS]):
        filled = [cell for cell in row.cells if cell]
        if len(filled) < 2 or len(filled) * 2 < width:
            continue
        is_header = not any(map(is_value, filled)) and len(set(filled)) == len(filled)
        below = _without_blanks(rows[number + 1 :], width)
        return [*rows[:number], Styled(row.cells, is_set_off=is_header), *below]
    return rows


def _without_blanks(rows: list[Styled], width: int) -> Iterator[Styled]:
    """``rows`` without the blank ones, but for those before less than half a row."""
    blank: Styled | None = None
    for row in rows:
        filled = sum(map(bool, row.cells))
        if not filled:
            blank = row
            continue
        if blank and filled * 2 < width:
            yield blank
        blank = None
        yield row
