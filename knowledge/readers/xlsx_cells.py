"""Reads the cells of Excel's .xlsx as they are shown: no library gives the formats so fast."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from lxml import etree

from domain.blocks import linked
from knowledge.readers.base import parsing
from knowledge.readers.cells import Cells, Sheet
from knowledge.readers.clean import line
from knowledge.readers.number_formats import BUILT_IN, GENERAL, NumberFormat, number_format
from knowledge.readers.office import Office
from knowledge.readers.xlsx_places import span_of
from knowledge.readers.xlsx_remarks import remarks
from knowledge.readers.zipped import Zipped

_WHAT = "Excel file"
_MAIN = "xl/workbook.xml"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_OFF = ("", "0", "false")


@dataclass(frozen=True, slots=True)
class _Style:
    format: NumberFormat
    is_bold: bool
    is_struck: bool


@dataclass(frozen=True, slots=True)
class _Book:
    """``strings`` as cells show them: in a plain font, and in one with a line through it."""

    strings: list[tuple[str, str]]
    styles: list[_Style]
    is_1904: bool


def sheets(parts: Zipped) -> Iterator[Sheet]:
    """Each sheet in the workbook's order; charts on sheets of their own are left out."""
    office = Office(parts, _MAIN)
    book = office.part(office.main)
    links = office.relations(office.main)
    setting = book.find("{*}workbookPr")
    about = _Book(
        [
            text
            for link in links.values()
            if link.kind == "sharedStrings"
            for text in _strings(parts, link.target)
        ],
        [
            style
            for link in links.values()
            if link.kind == "styles"
            for style in _styles(parts, link.target)
        ],
        setting is not None and setting.get("date1904", "") not in _OFF,
    )
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        link = links.get(_local(sheet, "id"))
        name = line(sheet.get("name", ""))
        if link is None or link.kind != "worksheet" or link.target not in parts:
            continue
        if sheet.get("state", "visible") != "visible":
            yield Sheet(name, is_hidden=True)
        else:
            yield _sheet(office, parts.read(link.target), link.target, name, about)


def _sheet(office: Office, content: bytes, path: str, name: str, book: _Book) -> Sheet:
    cells = Cells(name)
    links = office.relations(path)
    targets: list[tuple[str, str]] = []
    without_result = 0
    row = -1
    for tag, element in _elements(content, "row", "col", "mergeCell", "hyperlink", "autoFilter"):
        if tag == "row":
            row = _int(element.get("r"), row + 2) - 1
            without_result += _read_row(element, row, cells, book)
        elif tag == "col" and element.get("hidden", "") not in _OFF:
            first, last = _int(element.get("min"), 1), _int(element.get("max"), 1)
            cells.hide_columns(first - 1, last - 1)
        elif tag == "mergeCell" and (span := span_of(element.get("ref", ""))):
            cells.spans.append(span)
        elif tag == "autoFilter" and (span := span_of(element.get("ref", ""))):
            cells.set_off.add(span.top)
        elif tag == "hyperlink" and (link := links.get(_local(element, "id"))):
            targets.append((element.get("ref", ""), link.target))
    for reference, target in targets:
        if (span := span_of(reference)) and (text := cells.texts.get(span.top, {}).get(span.left)):
            cells.texts[span.top][span.left] = linked(text, target)
    for link in links.values():
        if link.kind == "table" and (table := office.part_if_any(link.target)) is not None:
            span = span_of(table.get("ref", ""))
            if span and table.get("headerRowCount", "1") != "0":
                cells.set_off.add(span.top)
    read = replace(cells.sheet(), remarks=remarks(office, path, cells))
    if without_result:
        what = "1 formula holds" if without_result == 1 else f"{without_result} formulas hold"
        note = f"sheet {name}: {what} no result: open the file in Excel and save it"
        return replace(read, notes=(*read.notes, note))
    return read


def _read_row(row: etree._Element, number: int, cells: Cells, book: _Book) -> int:
    """Keeps the cells of ``row``; gives how many of its formulas hold no result."""
    if row.get("hidden", "") not in _OFF:
        cells.hidden_rows.add(number)
    without_result = 0
    is_struck = False
    column = -1
    for cell in row.iterfind("{*}c"):
        place = span_of(cell.get("r", ""))
        column = place.left if place else column + 1
        style_number = _int(cell.get("s"), 0)
        style = book.styles[style_number] if style_number < len(book.styles) else None
        text = _text(cell, style, book)
        is_struck = is_struck or (not text and len(cell) > 0 and bool(style and style.is_struck))
        if not text and cell.find("{*}f") is not None and cell.find("{*}v") is None:
            without_result += 1
        cells.put(number, column, text, is_bold=style is not None and style.is_bold)
    if is_struck and number not in cells.texts:
        cells.hidden_rows.add(number)  # a row that is struck out parts no table
    return without_result


def _text(cell: etree._Element, style: _Style | None, book: _Book) -> str:
    kind = cell.get("t", "n")
    is_struck = style is not None and style.is_struck
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return _rich(inline, is_struck=is_struck) if inline is not None else ""
    value = cell.findtext("{*}v") or ""
    if kind == "s":
        number = _int(value, -1)
        return book.strings[number][is_struck] if 0 <= number < len(book.strings) else ""
    if is_struck:
        return ""  # what is struck out is no longer true
    if kind == "b":
        return "yes" if value == "1" else "no"
    if kind in ("str", "e"):
        return _unescaped(value)
    if kind == "d":
        return line(value.replace("T00:00:00", "").replace("T", " "))
    try:
        amount = float(value)
    except ValueError:
        return line(value)
    return (style.format if style else NumberFormat()).show(amount, is_1904=book.is_1904)


def _strings(parts: Zipped, path: str) -> Iterator[tuple[str, str]]:
    if path in parts:
        for _, element in _elements(parts.read(path), "si"):
            yield _rich(element, is_struck=False), _rich(element, is_struck=True)


def _rich(element: etree._Element, *, is_struck: bool) -> str:
    """Text in several fonts, without what has a line through it; ``is_struck`` if the cell's has.

    How it is pronounced is left out.
    """
    plain = [] if is_struck else [t.text or "" for t in element.iterfind("{*}t")]
    runs = [
        run.findtext("{*}t") or ""
        for run in element.iterfind("{*}r")
        if not (is_struck if (font := run.find("{*}rPr")) is None else _is_on(font, "strike"))
    ]
    return _unescaped("".join(plain + runs))


def _is_on(font: etree._Element, mark: str) -> bool:
    found = font.find(f"{{*}}{mark}")
    return found is not None and found.get("val", "1") not in _OFF


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written like ``_x000D_`` (ISO 29500-1, 22.9.2.19)."""
    return line(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _styles(parts: Zipped, path: str) -> Iterator[_Style]:
    root = parts.xml_if_any(path)
    if root is None:
        return
    codes = {
        _int(each.get("numFmtId"), 0): each.get("formatCode", GENERAL)
        for each in root.iterfind("{*}numFmts/{*}numFmt")
    }
    fonts = [
        (_is_on(font, "b"), _is_on(font, "strike")) for font in root.iterfind("{*}fonts/{*}font")
    ]
    known: dict[int, NumberFormat] = {}
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = _int(style.get("numFmtId"), 0)
        if number not in known:
            known[number] = number_format(codes.get(number) or BUILT_IN.get(number, GENERAL))
        font = _int(style.get("fontId"), 0)
        is_bold, is_struck = fonts[font] if 0 <= font < len(fonts) else (False, False)
        yield _Style(known[number], is_bold, is_struck)


def _elements(content: bytes, *tags: str) -> Iterator[tuple[str, etree._Element]]:
    """The elements with ``tags`` one by one, so that a large sheet takes little memory."""
    wanted = [f"{{*}}{tag}" for tag in tags]
    with parsing(_WHAT, etree.LxmlError):
        for _, element in etree.iterparse(
            BytesIO(content), tag=wanted, resolve_entities=False, load_dtd=False, no_network=True
        ):
            yield etree.QName(element).localname, element
            element.clear()
            while (parent := element.getparent()) is not None and parent[0] is not element:
                del parent[0]


def _local(element: etree._Element, name: str) -> str:
    return next((str(v) for key, v in element.items() if key.endswith(f"}}{name}")), "")


def _int(text: str | None, otherwise: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise
