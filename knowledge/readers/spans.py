"""Tables whose cells may span rows and columns, as rows of equal length with a header."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.blocks import NOWHERE, Block, Code, Heading, ItemList, Paragraph, Row, Table, Where

COLUMNS = 1_000
"""The most columns of a table that are read; Word allows 63, a spreadsheet 16,384."""

_REPEATED = 500  # characters of a cell that is repeated where it spans several; more stands once
_REPEATED_IN_ALL = 1_000_000  # characters of a table that are repetitions
_LONGEST_NAME = 100  # characters of a column's name
_NUMBER = re.compile(r"[-+−]?[0-9][0-9.,:/ %€$£-]{0,40}")


@dataclass(frozen=True, slots=True)
class Cell:
    """``columns`` and ``rows`` are how many it spans."""

    text: str
    columns: int = 1
    rows: int = 1
    is_bold: bool = False


def table(
    lines: Sequence[Sequence[Cell]],
    headers: int,
    where: Where = NOWHERE,
    caption: str = "",
) -> Table | None:
    """The table of ``lines``; None where all of it is empty.

    ``headers`` is how many rows the format itself says are its header; where it says nothing (0),
    the first row is judged by its look.
    """
    rows = _Spreading(len(lines)).of(lines)
    if rows and _is_caption(lines[0], rows) and (not caption or caption == lines[0][0].text):
        caption = lines[0][0].text
        lines, rows, headers = lines[1:], rows[1:], headers - 1
    if headers <= 0 and _names_columns(lines, rows):
        headers = _height(lines)
    headers = max(min(headers, len(rows) - 1), 0)  # a table of nothing but headers has rows
    header = [row for row in rows[:headers] if any(row)]
    body = [row for row in rows[headers:] if any(row)]
    if not header and not body:
        return None
    return Table(tuple(header), tuple(body), where, caption)


class _Spreading:
    """Writes each cell in all the places that it spans. ``height`` is the table's, in rows."""

    def __init__(self, height: int) -> None:
        self._left = height
        self._budget = _REPEATED_IN_ALL
        # Column: the text of a cell further up, and in how many more rows it stands.
        self._hanging: dict[int, tuple[str, int]] = {}

    def of(self, lines: Sequence[Sequence[Cell]]) -> list[Row]:
        """All rows, of one length; columns at the end that are empty in all of them are gone."""
        spread = [self._row(cells) for cells in lines]
        width = max((n + 1 for row in spread for n, cell in enumerate(row) if cell), default=0)
        return [tuple((row + [""] * (width - len(row)))[:width]) for row in spread]

    def _row(self, cells: Sequence[Cell]) -> list[str]:
        row: list[str] = []
        for cell in cells:
            self._fill(row)
            if len(row) >= COLUMNS:
                break
            width = min(max(cell.columns, 1), COLUMNS - len(row))
            height = min(max(cell.rows, 1), self._left)
            again = self._again(cell.text, width * height - 1)
            for n in range(width):
                if height > 1:
                    self._hanging[len(row)] = (again, height - 1)
                row.append(again if n else cell.text)
        self._fill(row)
        for column in sorted(each for each in self._hanging if each > len(row)):
            row.extend([""] * (column - len(row)))
            self._fill(row)
        self._left -= 1
        return row

    def _fill(self, row: list[str]) -> None:
        """Adds what hangs down from the rows above."""
        while (held := self._hanging.pop(len(row), None)) is not None:
            text, rows = held
            if rows > 1:
                self._hanging[len(row)] = (text, rows - 1)
            row.append(text)

    def _again(self, text: str, times: int) -> str:
        """What stands in the further places of a cell: its text, where that is not too much."""
        if len(text) > _REPEATED or len(text) * times > self._budget:
            return ""
        self._budget -= len(text) * times
        return text


def _is_caption(first: Sequence[Cell], rows: Sequence[Row]) -> bool:
    """Whether the first row is one cell above all columns, and rows with several cells follow."""
    return (
        len(rows) > 2
        and len(first) == 1
        and bool(first[0].text)
        and first[0].rows == 1
        and first[0].columns > 1
        and first[0].columns >= len(rows[0])
        and len(set(rows[1])) > 1
    )


def _names_columns(lines: Sequence[Sequence[Cell]], rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: each has a name of its own, and none is a number."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    first = rows[0]
    if all(cell.is_bold for cell in lines[0] if cell.text):
        return sum(map(bool, first)) > 1
    is_key_and_value = len(first) == 2 and all(line and line[0].is_bold for line in lines)
    spans = any(cell.columns > 1 for cell in lines[0])
    named = first[1:] if not first[0] else first  # the corner may be empty
    return (
        not is_key_and_value
        and all(named)
        and (spans or len(set(named)) == len(named))
        and not any(len(name) > _LONGEST_NAME or _NUMBER.fullmatch(name) for name in named)
    )


def _height(lines: Sequence[Sequence[Cell]]) -> int:
    """Two rows or more where names in the first span columns, and others beside them rows."""
    if any(cell.columns > 1 for cell in lines[0]):
        return max((cell.rows for cell in lines[0]), default=1)
    return 1


def flat(blocks: Iterable[Block]) -> str:
    """Blocks in one line, as a cell, a note or an item holds them."""
    return " ".join(filter(None, map(_flat, blocks)))


def _flat(block: Block) -> str:
    match block:
        case Heading(text=text) | Paragraph(text=text):
            return text
        case Code(text=text):
            return " ".join(text.split())
        case ItemList(items=items):
            return " ".join(f"{item.mark} {item.text}" for item in items)
        case Table(header=header, rows=rows, caption=caption):
            cells = [", ".join(filter(None, row)) for row in (*header, *rows)]
            return "; ".join(filter(None, [caption, *cells]))
