"""Reads the cells of Excel's binary .xlsb."""

from collections.abc import Iterator
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from knowledge.readers.base import parsing
from knowledge.readers.cells import CELLS, Cells, Sheet, shown
from knowledge.readers.clean import line

BOOK = "xl/workbook.bin"

_WHAT = "Excel file"


def sheets(content: bytes) -> Iterator[Sheet]:
    """Each sheet in the workbook's order; charts on sheets of their own are left out.

    The library knows no formats of numbers, and ends the process on some damaged files.
    """
    with parsing(_WHAT, CalamineError):
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for about in book.sheets_metadata:
            name = line(about.name)
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            if about.visible != SheetVisibleEnum.Visible:
                yield Sheet(name, is_hidden=True)
                continue
            cells = Cells(name)
            sheet = book.get_sheet_by_name(about.name)
            rows = sheet.to_python(False, CELLS // max(1, sheet.total_width) + 1)
            cells.is_cut = len(rows) < sheet.total_height
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    text = line(value) if isinstance(value, str) else shown(value)
                    cells.put(number, column, text)
            yield cells.sheet()
