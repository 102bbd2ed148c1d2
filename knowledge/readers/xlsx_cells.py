"""Reads the cells of Excel's .xlsx as they are shown: no library gives the formats so fast."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from domain.blocks import linked
from knowledge.readers.base import parsing
from knowledge.readers.cells import Cells, Sheet, Span
from knowledge.readers.clean import line
from knowledge.readers.number_formats import BUILT_IN, GENERAL, NumberFormat, number_format
from knowledge.readers.office import Office
from knowledge.readers.zipped import Zipped

_WHAT = "Excel file"
_MAIN = "xl/workbook.xml"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_OFF = ("", "0", "false")


@dataclass(frozen=True, slots=True)
class _Style:
    format: NumberFormat
    is_bold: bool


@dataclass(frozen=True, slots=True)
class _Book:
    strings: list[str]
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
        elif tag == "mergeCell" and (span := _span(element.get("ref", ""))):
            cells.spans.append(span)
        elif tag == "autoFilter" and (span := _span(element.get("ref", ""))):
            cells.set_off.add(span.top)
        elif tag == "hyperlink" and (link := links.get(_local(element, "id"))):
            targets.append((element.get("ref", ""), link.target))
    for reference, target in targets:
        if (span := _span(reference)) and (text := cells.texts.get(span.top, {}).get(span.left)):
            cells.texts[span.top][span.left] = linked(text, target)
    for link in links.values():
        if link.kind == "table" and (table := office.part_if_any(link.target)) is not None:
            span = _span(table.get("ref", ""))
            if span and table.get("headerRowCount", "1") != "0":
                cells.set_off.add(span.top)
    read = cells.sheet()
    if without_result:
        what = "1 formula holds" if without_result == 1 else f"{without_result} formulas hold"
        note = f"sheet {name}: {what} no result: open the file in Excel and save it"
        return Sheet(name, read.rows, (*read.notes, note))
    return read


def _read_row(row: etree._Element, number: int, cells: Cells, book: _Book) -> int:
    """Keeps the cells of ``row``; gives how many of its formulas hold no result."""
    if row.get("hidden", "") not in _OFF:
        cells.hidden_rows.add(number)
    without_result = 0
    column = -1
    for cell in row.iterfind("{*}c"):
        place = _span(cell.get("r", ""))
        column = place.left if place else column + 1
        style_number = _int(cell.get("s"), 0)
        style = book.styles[style_number] if style_number < len(book.styles) else None
        text = _text(cell, style, book)
        if not text and cell.find("{*}f") is not None and cell.find("{*}v") is None:
            without_result += 1
        cells.put(number, column, text, is_bold=style is not None and style.is_bold)
    return without_result


def _text(cell: etree._Element, style: _Style | None, book: _Book) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return _rich(inline) if inline is not None else ""
    value = cell.findtext("{*}v") or ""
    if kind == "s":
        number = _int(value, -1)
        return book.strings[number] if 0 <= number < len(book.strings) else ""
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


def _strings(parts: Zipped, path: str) -> Iterator[str]:
    if path in parts:
        yield from (_rich(element) for _, element in _elements(parts.read(path), "si"))


def _rich(element: etree._Element) -> str:
    """Text in several fonts; how it is pronounced is left out."""
    return _unescaped(
        "".join(t.text or "" for t in element.iterfind("{*}t"))
        + "".join(run.findtext("{*}t") or "" for run in element.iterfind("{*}r"))
    )


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
    bold = [
        (mark := font.find("{*}b")) is not None and mark.get("val", "1") not in _OFF
        for font in root.iterfind("{*}fonts/{*}font")
    ]
    known: dict[int, NumberFormat] = {}
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = _int(style.get("numFmtId"), 0)
        if number not in known:
            known[number] = number_format(codes.get(number) or BUILT_IN.get(number, GENERAL))
        font = _int(style.get("fontId"), 0)
        yield _Style(known[number], font < len(bold) and bold[font])


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


def _span(reference: str) -> Span | None:
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


def _int(text: str | None, otherwise: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise
