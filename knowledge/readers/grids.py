"""Finds the tables of a sheet or an export: a grid of cells has no other structure of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.blocks import NOWHERE, Block, Item, ItemList, Paragraph, Row, Table, Where

Grid = Sequence[Row]
"""Rows of cells as people read them, of any length; a cell with nothing in it is empty."""

_LONGEST_NAME = 80
"""Characters of a column's name; longer cells are sentences, and name nothing."""

_HEADER_ROWS = 3
_LOOKED_AT = 200  # rows that tell what a column holds
_VALUE = re.compile(r"[^\d]{0,6}\d[\d.,:/ ’'TZ%+-]*+[^\d]{0,6}")
_YEAR = re.compile(r"(?:19|20)\d\d|[QH][1-4](?: ?/? ?(?:19|20)?\d\d)?|KW ?\d\d?")
_MONTH = (
    "jan|ene|feb|fév|fev|mar|mär|mrz|apr|avr|abr|may|mai|jun|jui|jul|aug|aoû|ago|sep|oct|okt|nov|"
    "dec|dez|déc|dic"
)
_DATED = re.compile(
    r"(?:[^\W\d_]{2,10}[.,]{0,2} )?(?:(?:19|20)\d\d-\d\d(?:-\d\d)?|\d\d?\.\d\d?\.(?:\d\d){0,2}|"
    rf"\d\d?/\d\d?(?:/(?:\d\d){{1,2}})?|(?:\d\d?[. -]{{1,2}})?(?:{_MONTH})[^\W\d_]{{0,7}}\.?"
    r"(?:[ /.-]{0,2}'?(?:\d\d){1,2})?)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\A[^\W\d_]++\.? ?\d{1,3}")
_LEAST_BELOW = 2  # cells that show that what stands above them is of another kind
_LEAST_LIST = 3


@dataclass(frozen=True, slots=True)
class Styled:
    """A row, and whether the format sets it off as names of columns, such as by bold letters."""

    cells: Row
    is_set_off: bool = False


def blocks_of(rows: Sequence[Styled], where: Where = NOWHERE) -> Iterator[Block]:
    """Tables, the titles above them and the remarks below them, in reading order.

    Blank rows and columns part tables. Where what follows a blank row has no names of columns of
    its own, but as many columns as the table above, it goes on under that table's names.
    """
    above: tuple[Row, ...] = ()
    columns: tuple[int, ...] = ()
    for band in _bands(rows):
        for numbers, part in _side_by_side(band):
            titles, body, remarks = _parted(part)
            yield from (Paragraph(text, where) for text in titles)
            if body:
                header, records = _headed(body)
                goes_on = bool(above) and numbers == columns and not titles
                if goes_on and not body[0].is_set_off and not _has_contrast(body):
                    header, records = above, tuple(row.cells for row in body)
                above, columns = header, numbers
                yield from _block(header, records, where)
            yield from (Paragraph(text, where) for text in remarks)


def _block(header: tuple[Row, ...], rows: tuple[Row, ...], where: Where) -> Iterator[Block]:
    if header or len(rows[0]) > 1:
        yield Table(header, rows, where, is_record_list=True)
    elif len(rows) < _LEAST_LIST or any(len(row[0]) > _LONGEST_NAME for row in rows):
        yield from (Paragraph(row[0], where) for row in rows)
    else:
        yield ItemList(tuple(Item(row[0]) for row in rows), where)


def _bands(rows: Sequence[Styled]) -> Iterator[list[Styled]]:
    band: list[Styled] = []
    for row in rows:
        if any(row.cells):
            band.append(row)
        elif band:
            yield band
            band = []
    if band:
        yield band


def _side_by_side(band: list[Styled]) -> Iterator[tuple[tuple[int, ...], list[Styled]]]:
    """The parts of ``band`` between blank columns, with the columns' numbers.

    A part of one column alone belongs to its neighbour: the blank column only sets it off.
    """
    width = max(len(row.cells) for row in band)
    filled = [False] * width
    for row in band:
        for number, cell in enumerate(row.cells):
            filled[number] = filled[number] or bool(cell)
    groups: list[list[int]] = []
    for number in range(width):
        if not filled[number]:
            continue
        if groups and number and filled[number - 1]:
            groups[-1].append(number)
        else:
            groups.append([number])
    is_parted = len(groups) > 1 and len(band) > 1 and all(len(group) > 1 for group in groups)
    for group in groups if is_parted else [[number for each in groups for number in each]]:
        part = [
            Styled(tuple(row.cells[n] if n < len(row.cells) else "" for n in group), row.is_set_off)
            for row in band
        ]
        yield tuple(group), [row for row in part if any(row.cells)]


def _parted(rows: list[Styled]) -> tuple[list[str], list[Styled], list[str]]:
    """Titles above, the table itself, and remarks below: rows of one text alone are no records."""
    if len(rows[0].cells) < 2:
        return [], rows, []
    first = 0
    while first < len(rows) and _only_text(rows[first].cells):
        first += 1
    last = len(rows)
    while last > first and _is_remark(rows[last - 1].cells):
        last -= 1
    return (
        [_only_text(row.cells) for row in rows[:first]],
        rows[first:last],
        [_only_text(row.cells) for row in rows[last:]],
    )


def _only_text(cells: Row) -> str:
    found = {cell for cell in cells if cell}
    return found.pop() if len(found) == 1 and (cells.count("") or len(cells) > 1) else ""


def _is_remark(cells: Row) -> bool:
    text = _only_text(cells)
    return bool(text) and bool(cells[0]) and not is_value(text)


def _headed(rows: list[Styled]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows that name the columns, and the others."""
    cells = tuple(row.cells for row in rows)
    count = header_rows(rows)
    return cells[:count], cells[count:]


def header_rows(rows: Sequence[Styled]) -> int:
    """How many rows at the top name the columns: those that are set off, or by plain judgement."""
    if len(rows) < 2:
        return 0
    set_off = 0
    while set_off < len(rows) and rows[set_off].is_set_off:
        set_off += 1
    if 0 < set_off <= _HEADER_ROWS and set_off < len(rows):
        return set_off
    first = rows[0].cells
    if not _names(rows):
        return 0
    # Cells that span several columns are repeated: the row below says what each of them is.
    spans = any(one and one == other for one, other in pairwise(first))
    if spans and len(rows) > 2 and _names(rows[1:]):
        return 2
    filled = [cell for cell in first if cell]
    if len(set(filled)) < len(filled):
        return int(_has_contrast(rows) and not _is_repeated_below(rows))
    return int(_has_contrast(rows) or (len(first) > 2 and all(first)))


def _names(rows: Sequence[Styled]) -> bool:
    """Whether the first of ``rows`` can name the columns: short words, or years.

    Dates and words with numbers, such as ``Shift 1``, can where what stands below is of another
    kind: one alone could be a value too. The first cell may be empty.
    """
    cells = rows[0].cells
    of_another_kind = 0
    for number, cell in enumerate(cells):
        if len(cell) > _LONGEST_NAME or cell.endswith(":"):
            return False
        if not cell or not is_value(cell) or (number > 0 and _YEAR.fullmatch(cell)):
            continue
        if not _is_of_another_kind(cell, _below(rows, number)):
            return False
        of_another_kind += 1
    return sum(map(bool, cells)) * 2 > len(cells) and (
        of_another_kind != 1 or any(_stands_above_values(rows, n) for n in _words(cells))
    )


def _is_of_another_kind(name: str, below: Sequence[str]) -> bool:
    """Whether ``name`` is a date or a word with a number, and nothing in its column is."""
    for kind in (_DATED, _NUMBERED):
        if kind.fullmatch(name):
            return len(below) >= _LEAST_BELOW and not any(map(kind.fullmatch, below))
    return False


def _is_repeated_below(rows: Sequence[Styled]) -> bool:
    """Whether a column holds what stands above it, as it would if that were a value."""
    return any(cell and cell in _below(rows, n) for n, cell in enumerate(rows[0].cells))


def _has_contrast(rows: Sequence[Styled]) -> bool:
    """Whether something stands above a column of nothing but values."""
    return any(_stands_above_values(rows, n) for n, cell in enumerate(rows[0].cells) if cell)


def _stands_above_values(rows: Sequence[Styled], column: int) -> bool:
    below = _below(rows, column)
    return bool(below) and all(map(is_value, below))


def _below(rows: Sequence[Styled], column: int) -> list[str]:
    """What a column holds below the first row, without its empty cells."""
    looked_at = (row.cells for row in rows[1 : _LOOKED_AT + 1])
    return [cells[column] for cells in looked_at if column < len(cells) and cells[column]]


def _words(cells: Row) -> list[int]:
    return [number for number, cell in enumerate(cells) if cell and not is_value(cell)]


def is_value(text: str) -> bool:
    """Whether ``text`` is a number, a date or an amount rather than words."""
    return len(text) <= _LONGEST_NAME and _VALUE.fullmatch(text) is not None
