"""Reads the cells of OpenDocument's .ods as they are shown."""

from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from domain.blocks import linked
from knowledge.readers.base import parsing
from knowledge.readers.cells import CELLS, Cells, Sheet, Span, number
from knowledge.readers.clean import line
from knowledge.readers.zipped import Zipped

CONTENT = "content.xml"

_WHAT = "OpenDocument spreadsheet"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_STYLE_NAME = f"{_TABLE}style-name"
_LINE_THROUGH = f"{_STYLE}text-line-through-style"
_CELL, _COVERED, _ROW = f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell", f"{_TABLE}table-row"
_COLUMN, _SHEET, _STYLED = f"{_TABLE}table-column", f"{_TABLE}table", f"{_STYLE}style"
_LAST = 1_100_000  # rows and columns behind it no program shows


def sheets(parts: Zipped) -> Iterator[Sheet]:
    """Each sheet in the document's order."""
    bold: set[str] = set()
    struck: dict[str, bool] = {}
    hidden: set[str] = set()
    cells: Cells | None = None
    row = column = 0
    for event, element in _events(parts.read(CONTENT)):
        tag = element.tag
        if tag == _STYLED and event == "end":
            name = element.get(f"{_STYLE}name", "")
            if any(each.get(f"{_FO}font-weight") == "bold" for each in element):
                bold.add(name)
            for each in element:
                if (through := each.get(_LINE_THROUGH)) is not None:
                    struck[name] = through != "none"
            if any(each.get(f"{_TABLE}display") == "false" for each in element):
                hidden.add(name)
        elif tag == _SHEET and event == "start":
            cells, row, column = Cells(line(element.get(f"{_TABLE}name", ""))), 0, 0
            if element.get(f"{_TABLE}style-name") in hidden:
                yield Sheet(cells.name, is_hidden=True)
                cells = None
        elif cells is None or event == "start":
            continue
        elif tag == _COLUMN:
            count = _count(element, "columns")
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                cells.hide_columns(column, column + count - 1)
            column += count
        elif tag == _ROW:
            row = _read_row(element, row, cells, bold, struck)
        elif tag == _SHEET:
            yield cells.sheet()
            cells = None
        if event == "end":
            element.clear()
            while (parent := element.getparent()) is not None and parent[0] is not element:
                del parent[0]


def _read_row(
    element: etree._Element, row: int, cells: Cells, bold: set[str], struck: dict[str, bool]
) -> int:
    """Keeps the cells of a row, and of its repetitions; gives the number of the next row."""
    times = _count(element, "rows")
    found: list[tuple[int, str, bool]] = []
    is_struck = False
    column = 0
    for cell in element:
        if cell.tag not in (_CELL, _COVERED):
            continue
        again = _count(cell, "columns")
        text = _text(cell, struck) if cell.tag == _CELL else ""
        is_struck = is_struck or (not text and len(cell) > 0 and _is_struck(cell, struck))
        if text and column < _LAST:
            is_bold = cell.get(_STYLE_NAME, "") in bold
            room = CELLS - len(found)
            found += [(column + each, text, is_bold) for each in range(min(again, room))]
            _keep_span(cell, row, column, cells)
        column += again
    if not found or row >= _LAST:
        if is_struck and row < _LAST:
            cells.hidden_rows.update(range(row, row + times))  # such a row parts no table
        return row + times
    parent = element.getparent()
    is_header = parent is not None and parent.tag == f"{_TABLE}table-header-rows"
    is_hidden = element.get(f"{_TABLE}visibility", "visible") != "visible"
    for number_of_row in range(row, row + times):
        if cells.is_full:
            cells.is_cut = True
            break
        for place, text, is_bold in found:
            cells.put(number_of_row, place, text, is_bold=is_bold)
        if is_header:
            cells.set_off.add(number_of_row)
        if is_hidden:
            cells.hidden_rows.add(number_of_row)
    return row + times


def _keep_span(cell: etree._Element, row: int, column: int, cells: Cells) -> None:
    down = _number(cell.get(f"{_TABLE}number-rows-spanned"))
    across = _number(cell.get(f"{_TABLE}number-columns-spanned"))
    if down > 1 or across > 1:
        cells.spans.append(Span(row, column, row + down - 1, column + across - 1))


def _is_struck(cell: etree._Element, struck: dict[str, bool]) -> bool:
    """Whether the font of a cell has a line through it: then it is no longer true."""
    return struck.get(cell.get(_STYLE_NAME, ""), False)


def _text(cell: etree._Element, struck: dict[str, bool]) -> str:
    """What a cell shows, but dates as in 2026-03-01, and numbers without separators."""
    kind = cell.get(f"{_OFFICE}value-type", "string")
    is_struck = _is_struck(cell, struck)
    if is_struck and kind != "string":
        return ""
    if kind == "date" and (date := cell.get(f"{_OFFICE}date-value")):
        day, _, hour = date.partition("T")
        return line(f"{day} {hour[:5]}" if hour.strip("0:.") else day)
    text = line(
        " ".join(
            _paragraph(each, struck, is_struck=is_struck) for each in cell.iterfind(f"{_TEXT}p")
        )
    )
    if kind in ("float", "percentage") and not any(map(str.isalpha, text)):
        try:
            value = float(cell.get(f"{_OFFICE}value", ""))
        except ValueError:
            return text
        if kind == "percentage":
            return f"{number(value * 100)}%"
        is_plain = not text.strip("0123456789-+., '’") and not text.startswith("0")
        return number(value) if is_plain else text
    return text


def _paragraph(element: etree._Element, struck: dict[str, bool], *, is_struck: bool) -> str:
    links = [each.get(f"{_XLINK}href", "") for each in element.iter(f"{_TEXT}a")]
    text = "".join(_pieces(element, struck, is_struck=is_struck))
    return linked(text, links[0]) if len(links) == 1 else text


def _pieces(element: etree._Element, struck: dict[str, bool], *, is_struck: bool) -> Iterator[str]:
    is_struck = struck.get(element.get(f"{_TEXT}style-name", ""), is_struck)
    yield " " if element.tag == f"{_TEXT}s" else ""
    yield (not is_struck and element.text) or ""
    for child in element:
        yield from _pieces(child, struck, is_struck=is_struck)
        yield (not is_struck and child.tail) or ""


def _events(content: bytes) -> Iterator[tuple[str, etree._Element]]:
    with parsing(_WHAT, etree.LxmlError):
        yield from etree.iterparse(
            BytesIO(content),
            events=("start", "end"),
            tag=[_STYLED, _SHEET, _COLUMN, _ROW],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
        )


def _count(element: etree._Element, what: str) -> int:
    return _number(element.get(f"{_TABLE}number-{what}-repeated"))


def _number(text: str | None) -> int:
    try:
        return max(1, min(int(text or "1"), _LAST))
    except ValueError:
        return 1
