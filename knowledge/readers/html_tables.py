"""Tables of a page: which of them hold data, and their cells in rows and columns."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from domain.blocks import Row, Table, Where
from knowledge.readers.clean import line
from knowledge.readers.grids import Styled, header_rows
from knowledge.readers.html_tree import CELLS, Measure, attributes, children, descendants, names

_SPARE = 20_000
"""Cells that a table may have beyond those that are written: spans fill the others."""

_LARGEST = 2_000_000
"""Cells of a table whose rows are made equally long."""

_MOST = 1_000  # columns or rows that a cell spans; the HTML standard limits columns so
_MADE = frozenset("table grid treegrid".split())
_TICKS = frozenset("check tick checkmark yes".split())  # words of an icon's class
_CROSSES = frozenset("times cross xmark close no".split())
_DATA = ("data", "grid", "wikitable", "confluenceTable")

ReadCell = Callable[[LexborNode], tuple[str, bool]]
"""The text of a cell in one line, and whether all of it is bold."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A row, and whether it names columns by its markup, and whether all of it is bold."""

    cells: list[str]
    names_columns: bool
    is_bold: bool


def rows_of(table: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    """The rows of a table, not of those in it, each with the tag of its group."""
    last: list[LexborNode] = []
    if table.tag != "table":
        yield from (("tbody", row) for row in _made_rows(table))
        return
    for group in children(table):
        if group.tag == "tr":
            yield "tbody", group
        elif group.tag == "tfoot":
            last += [row for row in children(group) if row.tag == "tr"]
        elif group.tag in ("thead", "tbody"):
            yield from ((group.tag, row) for row in children(group) if row.tag == "tr")
    yield from (("tfoot", row) for row in last)


def cells_of(row: LexborNode) -> list[LexborNode]:
    if row.tag != "tr":
        return [cell for cell in children(row) if _role(cell) in CELLS]
    return [cell for cell in children(row) if cell.tag in ("td", "th")]


def is_made_table(node: LexborNode, given: dict[str, str], measures: Mapping[int, Measure]) -> bool:
    """Whether other elements than ``table`` are a table, and all that it says is in their cells."""
    if node.tag == "table" or given.get("role") not in _MADE:
        return False
    measure = measures[node.mem_id]
    if not measure.roles or measure.headings or measure.tables:
        return False
    cells = (cell for _, row in rows_of(node) for cell in cells_of(row))
    return sum(measures[cell.mem_id].text for cell in cells) == measure.text


def sign_of(cell: LexborNode) -> str:
    """What an icon in a cell without text stands for: its label, or whether it is a tick."""
    for node in descendants(cell):
        if not node.is_element_node:
            continue
        given = attributes(node)
        if label := line(given.get("aria-label", "") or given.get("title", "")):
            return label
        if node.tag == "title":
            return line(node.text())
        words = names(given)
        if words & _TICKS:
            return "✓"
        if words & _CROSSES:
            return "✗"
    return ""


def caption_of(table: LexborNode) -> LexborNode | None:
    return next((child for child in children(table) if child.tag == "caption"), None)


def holds_data(table: LexborNode, measure: Measure) -> bool:
    """Whether it is a table for its readers, not one that only places parts of a page."""
    given = attributes(table)
    if table.tag != "table":
        return True  # is made of other elements just to be one
    if given.get("role") in ("presentation", "none"):
        return False
    is_named = any(word in given.get("class", "") for word in _DATA)
    if measure.headers or given.get("summary") or is_named:
        return not measure.headings or measure.tables <= 1
    widths = [len(cells_of(row)) for _, row in rows_of(table)]
    if len(widths) < 2 or max(widths) < 2:
        return False
    is_plain = measure.tables <= 1 and not measure.headings and not measure.blocks
    return is_plain and measure.paragraphs <= measure.cells


def data_table(table: LexborNode, read_cell: ReadCell, caption: str, where: Where) -> Table | None:
    """The table with each cell that spans rows or columns repeated in each; None without text."""
    filling = _Filling(read_cell)
    lines = [filling.line(cells_of(row), group) for group, row in rows_of(table)]
    lines = [line for line in lines if any(line.cells)]
    if not lines:
        return None
    width = max(len(line.cells) for line in lines)
    rows: list[Row] = [tuple(line.cells) for line in lines]
    if width * len(rows) <= _LARGEST:
        padded = [row + ("",) * (width - len(row)) for row in rows]
        used = [n for n in range(width) if any(row[n] for row in padded)]
        rows = [tuple(row[n] for n in used) for row in padded]
    count = next((n for n, line in enumerate(lines) if not line.names_columns), len(lines))
    if not filling.has_names:
        count = header_rows(
            [Styled(row, line.is_bold) for row, line in zip(rows, lines, strict=True)]
        )
    if count == len(rows):
        count = min(1, count - 1)
    return Table(tuple(rows[:count]), tuple(rows[count:]), where, caption)


class _Filling:
    """Fills rows from the left; what spans several rows is kept for those below."""

    def __init__(self, read_cell: ReadCell) -> None:
        self.has_names = False
        """Whether any cell names a row or a column."""
        self._read_cell = read_cell
        self._spare = _SPARE
        self._below: dict[int, tuple[str, int]] = {}

    def line(self, own: list[LexborNode], group: str) -> _Line:
        filled: list[str] = []
        below: dict[int, tuple[str, int]] = {}
        are_bold: list[bool] = []
        are_names: list[bool] = []
        for cell in own:
            self._go_on(filled, below)
            text, is_bold = self._read_cell(cell)
            self._put(cell, text, filled, below)
            is_name = cell.tag == "th" or _role(cell) in ("columnheader", "rowheader")
            are_names.append(is_name or (not text and not are_names))
            if text:
                are_bold.append(is_bold or is_name)
            self.has_names = self.has_names or is_name
        last = max(self._below, default=-1)
        while len(filled) <= last:
            if len(filled) not in self._below:
                filled.append("")
            self._go_on(filled, below)
        self._spare -= len(filled) - len(own)
        self._below = below if self._spare >= 0 else {}
        self.has_names = self.has_names or group == "thead"
        names_columns = group == "thead" or (bool(are_bold) and all(are_names))
        return _Line(filled, names_columns, bool(are_bold) and all(are_bold))

    def _put(
        self,
        cell: LexborNode,
        text: str,
        filled: list[str],
        below: dict[int, tuple[str, int]],
    ) -> None:
        given = attributes(cell)
        made = "" if cell.tag in ("td", "th") else "aria-"
        columns = min(_span(given.get(f"{made}colspan", "")) or 1, max(self._spare, 1))
        more = (_span(given.get(f"{made}rowspan", "")) or _MOST) - 1
        for _ in range(columns):
            if more:
                below[len(filled)] = (text, more)
            filled.append(text)

    def _go_on(self, filled: list[str], below: dict[int, tuple[str, int]]) -> None:
        """Repeats what spans from the rows above, up to the next free column."""
        while len(filled) in self._below:
            text, more = self._below.pop(len(filled))
            if more > 1:
                below[len(filled)] = (text, more - 1)
            filled.append(text)


def _made_rows(table: LexborNode) -> Iterator[LexborNode]:
    """The rows of a table of other elements, also within groups and plain elements."""
    waiting = [table]
    while waiting:
        node = waiting.pop()
        if _role(node) == "row":
            yield node
        elif node is table or _role(node) in ("rowgroup", "presentation", "none", ""):
            waiting += reversed([child for child in children(node) if child.is_element_node])


def _role(node: LexborNode) -> str:
    return (node.attributes.get("role") or "") if node.is_element_node else ""


def _span(written: str) -> int:
    """How many rows or columns a cell spans; 0 where it is all rows that are left."""
    digits = written.strip()[:6]
    return min(int(digits), _MOST) if digits.isdecimal() else 1
