"""Blocks as lines of plain text, which are what a chunk is filled with."""

from dataclasses import dataclass

from domain.blocks import Block, Code, Heading, ItemList, Paragraph, Row, Table, Where
from domain.text import truncate

_CELLS = " | "
_FIELDS = "; "
_LEAD = 150  # characters
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as lines, between which it may be cut if it does not fit into one chunk.

    ``head`` stands above the lines in each chunk that holds some of them. ``is_lead``: the piece
    introduces what follows it, and says nothing without that. ``leads`` are for each line what
    stands in front of its further parts, where it does not fit into one chunk itself.
    """

    lines: tuple[str, ...]
    where: Where
    head: str = ""
    is_lead: bool = False
    between: str = "\n"
    leads: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.between.join([self.head, *self.lines] if self.head else self.lines)


def piece(block: Block) -> Piece:
    match block:
        case Heading(text=text, where=where):
            return Piece((text,), where, is_lead=True)
        case Paragraph(text=text, where=where, is_bold=is_bold):
            is_lead = is_bold or text.endswith((":", "："))
            return Piece((text,), where, is_lead=is_lead, between=" ")
        case ItemList(items=items, where=where):
            lines = (f"{_INDENT * item.depth}{item.mark} {item.text}" for item in items)
            return Piece(tuple(lines), where)
        case Table():
            return _table(block)
        case Code(text=text, where=where):
            return Piece(tuple(text.split("\n")), where)


def _table(table: Table) -> Piece:
    if table.is_record_list and table.header:
        names = _joined_header(table.header)
        head, between = table.caption, _FIELDS
        rows = [_record(names, row) for row in table.rows]
    else:
        head, between = "\n".join(filter(None, (table.caption, *map(_row, table.header)))), _CELLS
        rows = list(table.rows)
    if not rows:
        return Piece((head,), table.where)
    lines = tuple(map(between.join, rows))
    leads = tuple(_lead(row, between) for row in rows)
    return Piece(lines, table.where, head=head, leads=leads)


def _row(cells: Row) -> str:
    return _CELLS.join(cells)


def _lead(cells: Row, between: str) -> str:
    """The first filled cell of a row, which says what the others are about."""
    filled = [cell for cell in cells if cell]
    is_long = len(filled) > 1 and sum(map(len, filled)) > _LEAD
    return f"{truncate(filled[0], _LEAD)}{between}" if is_long else ""


def _joined_header(header: tuple[Row, ...]) -> Row:
    """One name a column: ``2026 Q1`` where one row says ``2026`` and the next ``Q1``."""
    width = max(map(len, header))
    columns = ([row[n] for row in header if n < len(row) and row[n]] for n in range(width))
    return tuple(" ".join(dict.fromkeys(names)) for names in columns)


def _record(names: Row, cells: Row) -> Row:
    """``Name: Zeta`` and ``Price: 12``. Empty cells are left out."""
    return tuple(
        f"{names[n]}: {cell}" if n < len(names) and names[n] else cell
        for n, cell in enumerate(cells)
        if cell
    )
