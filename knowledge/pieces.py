"""Blocks as lines of plain text, which are what a chunk is filled with."""

from dataclasses import dataclass

from domain.blocks import Block, Code, Heading, ItemList, Paragraph, Row, Table, Where

_CELLS = " | "
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as lines, between which it may be cut if it does not fit into one chunk.

    ``head`` stands above the lines in each chunk that holds some of them. ``is_lead``: the piece
    introduces what follows it, and says nothing without that.
    """

    lines: tuple[str, ...]
    where: Where
    head: str = ""
    is_lead: bool = False
    between: str = "\n"

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
        lines = tuple(_record(names, row) for row in table.rows)
        return Piece(lines, table.where, head=table.caption)
    head = "\n".join(filter(None, (table.caption, *map(_row, table.header))))
    if not table.rows:
        return Piece((head,), table.where)
    return Piece(tuple(map(_row, table.rows)), table.where, head=head)


def _row(cells: Row) -> str:
    return _CELLS.join(cells)


def _joined_header(header: tuple[Row, ...]) -> Row:
    """One name a column: ``2026 Q1`` where one row says ``2026`` and the next ``Q1``."""
    width = max(map(len, header))
    columns = ([row[n] for row in header if n < len(row) and row[n]] for n in range(width))
    return tuple(" ".join(dict.fromkeys(names)) for names in columns)


def _record(names: Row, cells: Row) -> str:
    """``Name: Zeta; Price: 12``. Empty cells are left out."""
    return "; ".join(
        f"{names[n]}: {cell}" if n < len(names) and names[n] else cell
        for n, cell in enumerate(cells)
        if cell
    )
