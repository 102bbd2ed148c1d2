"""The tables of Word files, whose cells span columns and rows by what each of them says."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from domain.blocks import Block, Paragraph
from knowledge.readers.office import W, is_on, number
from knowledge.readers.spans import Cell, flat, table
from knowledge.readers.word_text import is_placeholder
from knowledge.readers.zipped import Element

Read = Callable[[Element], list[Block]]
"""Reads what stands in a cell."""

_WRAPPERS = {f"{W}{name}" for name in ("customXml", "ins", "moveTo", "smartTag", "sdtContent")}


def contents(container: Element) -> Iterator[Element]:
    """What stands in an element, also in content controls and other wrappers within it."""
    waiting = list(reversed(container))
    while waiting:
        each = waiting.pop()
        if each.tag == f"{W}sdt":
            gallery = each.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
            is_contents = gallery is not None and gallery.get(f"{W}val") == "Table of Contents"
            if is_placeholder(each):
                cells = each.findall(f"{W}sdtContent/{W}tc")
                waiting.extend(_without_text(cell) for cell in reversed(cells))
            elif not is_contents:
                waiting.extend(reversed(each))
        elif each.tag in _WRAPPERS:
            waiting.extend(reversed(each))
        else:
            yield each


def _without_text(cell: Element) -> Element:
    """A cell in the place of ``cell``, which only asks for what is to be written there."""
    made = cell.makeelement(cell.tag)
    if (properties := cell.find(f"{W}tcPr")) is not None:
        made.append(deepcopy(properties))
    return made


@dataclass(slots=True)
class _Cell:
    text: str
    columns: int
    is_bold: bool
    rows: int = 1

    def finished(self) -> Cell:
        return Cell(self.text, self.columns, self.rows, self.is_bold)


def blocks_of_table(element: Element, read: Read) -> list[Block]:
    """A table; what stands in a frame or a column of text is no table, but blocks."""
    rows = [row for row in contents(element) if row.tag == f"{W}tr" and not _is_gone(row)]
    cells = [[cell for cell in contents(row) if cell.tag == f"{W}tc"] for row in rows]
    if all(len(row) <= 1 for row in cells):
        return [block for row in cells for cell in row for block in read(cell)]
    lines = _Merging(read).lines(rows, cells)
    headers = 0
    while headers < len(rows) and is_on(rows[headers].find(f"{W}trPr/{W}tblHeader")):
        headers += 1
    made = table(lines, headers)
    return [made] if made else []


def _is_gone(row: Element) -> bool:
    """Whether a row was deleted, or is hidden."""
    properties = row.find(f"{W}trPr")
    if properties is None:
        return False
    return properties.find(f"{W}del") is not None or bool(is_on(properties.find(f"{W}hidden")))


class _Merging:
    """Joins the cells that continue one in the row above, or one to their left."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._open: dict[int, _Cell] = {}  # by column: what the next row may continue

    def lines(self, rows: list[Element], cells: list[list[Element]]) -> list[list[Cell]]:
        lines = [self._line(row, of_row) for row, of_row in zip(rows, cells, strict=True)]
        return [[cell.finished() for cell in line] for line in lines]

    def _line(self, row: Element, cells: list[Element]) -> list[_Cell]:
        line: list[_Cell] = []
        before = row.find(f"{W}trPr/{W}gridBefore")
        column = number(before.get(f"{W}val")) if before is not None else 0
        if column > 0:
            line.append(_Cell("", column, is_bold=False))
        still_open: dict[int, _Cell] = {}
        for each in cells:
            properties = each.find(f"{W}tcPr")
            columns = max(number(_value(properties, "gridSpan"), 1), 1)
            is_deleted = properties is not None and properties.find(f"{W}cellDel") is not None
            if line and _value(properties, "hMerge") == "continue":
                line[-1].columns += columns
            elif (above := self._open.get(column)) and _value(properties, "vMerge") == "continue":
                above.rows += 1
                still_open[column] = above
            else:
                blocks = [] if is_deleted else self._read(each)
                cell = _Cell(flat(blocks), columns, is_bold=_is_bold(blocks))
                line.append(cell)
                if _value(properties, "vMerge"):
                    still_open[column] = cell
            column += columns
        self._open = still_open
        return line


def _value(properties: Element | None, name: str) -> str:
    """What a property of a cell says: ``continue`` where a merge says nothing; empty without it."""
    element = properties.find(f"{W}{name}") if properties is not None else None
    return "" if element is None else element.get(f"{W}val", "continue")


def _is_bold(blocks: list[Block]) -> bool:
    return bool(blocks) and all(isinstance(b, Paragraph) and b.is_bold for b in blocks)
