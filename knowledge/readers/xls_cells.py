"""Reads the cells of Excel's old .xls as they are shown."""

import struct
from collections.abc import Iterator
from io import StringIO

import xlrd
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XLRDError
from xlrd.compdoc import CompDocError

from domain.blocks import linked
from domain.errors import UnreadableSource
from knowledge.readers.base import parsing
from knowledge.readers.cells import Cells, Sheet, Span
from knowledge.readers.clean import line
from knowledge.readers.number_formats import GENERAL, NumberFormat, number_format
from knowledge.readers.zipped import PASSWORD

_WHAT = "Excel file"
_BOLD = 700  # the weight of a bold font; a plain one has 400
_FORMATTED = (XL_CELL_NUMBER, XL_CELL_DATE)
_ERRORS = (XLRDError, CompDocError, struct.error)


def sheets(content: bytes) -> Iterator[Sheet]:
    """Each sheet in the workbook's order."""
    with parsing(_WHAT, *_ERRORS):
        try:
            book = xlrd.open_workbook(
                file_contents=content, formatting_info=True, on_demand=True, logfile=StringIO()
            )
        except XLRDError as e:
            if "encrypted" in str(e):
                raise UnreadableSource(PASSWORD) from e
            raise
        formats = {
            key: number_format(each.format_str or GENERAL) for key, each in book.format_map.items()
        }
        for number in range(book.nsheets):
            sheet = book.sheet_by_index(number)
            name = line(sheet.name)
            yield (
                Sheet(name, is_hidden=True)
                if sheet.visibility
                else _sheet(name, book, sheet, formats)
            )
            book.unload_sheet(number)


def _sheet(
    name: str, book: xlrd.Book, sheet: xlrd.sheet.Sheet, formats: dict[int, NumberFormat]
) -> Sheet:
    cells = Cells(name)
    for row in range(sheet.nrows):
        about = sheet.rowinfo_map.get(row)
        if about is not None and about.hidden:
            cells.hidden_rows.add(row)
        is_struck = False
        for column in range(sheet.row_len(row)):
            cell = sheet.cell(row, column)
            style = book.xf_list[cell.xf_index] if cell.xf_index is not None else None
            font = book.font_list[style.font_index] if style is not None else None
            text = _text(cell, formats.get(style.format_key) if style else None, book)
            if text and font is not None and font.struck_out:
                is_struck, text = True, ""  # it is no longer true
            cells.put(row, column, text, is_bold=font is not None and font.weight >= _BOLD)
        if is_struck and row not in cells.texts:
            cells.hidden_rows.add(row)  # a row that is struck out parts no table
    for column, shape in sheet.colinfo_map.items():
        if shape.hidden:
            cells.hide_columns(column, column)
    cells.spans += [
        Span(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells
    ]
    for (row, column), link in sheet.hyperlink_map.items():
        if wording := cells.texts.get(row, {}).get(column):
            cells.texts[row][column] = linked(wording, str(link.url_or_path or ""))
    return cells.sheet()


def _text(cell: xlrd.sheet.Cell, shown_as: NumberFormat | None, book: xlrd.Book) -> str:
    if cell.ctype in _FORMATTED:
        return (shown_as or NumberFormat()).show(float(cell.value), is_1904=book.datemode == 1)
    if cell.ctype == XL_CELL_BOOLEAN:
        return "yes" if cell.value else "no"
    if cell.ctype == XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(int(cell.value), ""))
    return line(str(cell.value))
