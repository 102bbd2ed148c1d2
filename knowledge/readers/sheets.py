"""Reads spreadsheets: Excel's three formats and OpenDocument's."""

from collections.abc import Iterator

from domain.blocks import Block, Content, Heading, Where
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import ods_cells, xls_cells, xlsb_cells, xlsx_cells
from knowledge.readers.base import File
from knowledge.readers.cells import Sheet
from knowledge.readers.grids import blocks_of
from knowledge.readers.zipped import PASSWORD, Zipped, is_encrypted_office

_WHAT = "spreadsheet"
_ZIP = b"PK"


def read(file: File) -> Content:
    """Each sheet under a heading with its name, its tables as records; hidden ones are left out."""
    sheets = list(_sheets(file.content))
    notes = [note for sheet in sheets for note in sheet.notes]
    if hidden := [sheet.name for sheet in sheets if sheet.is_hidden]:
        names = ", ".join(hidden[:5]) + (" and others" if len(hidden) > 5 else "")
        notes.insert(0, f"{len(hidden)} of {len(sheets)} sheets are hidden and not read: {names}")
    blocks = [block for sheet in sheets if not sheet.is_hidden for block in _blocks(sheet)]
    if not blocks:
        raise EmptySource("; ".join(notes) or "none of its sheets holds anything")
    return Content(tuple(blocks), notes=tuple(notes))


def _blocks(sheet: Sheet) -> Iterator[Block]:
    where = Where(sheet=sheet.name)
    found = [*blocks_of(sheet.rows, where), *sheet.remarks]
    if found:
        yield Heading(sheet.name, 1, where)
        yield from found


def _sheets(content: bytes) -> Iterator[Sheet]:
    if not content.startswith(_ZIP):
        if is_encrypted_office(content):
            raise UnreadableSource(PASSWORD)
        yield from xls_cells.sheets(content)
        return
    with Zipped(content, _WHAT) as parts:
        if ods_cells.CONTENT in parts:
            yield from ods_cells.sheets(parts)
        elif xlsb_cells.BOOK in parts:
            yield from xlsb_cells.sheets(content)
        else:
            yield from xlsx_cells.sheets(parts)
