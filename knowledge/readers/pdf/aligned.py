"""Tables without lines: rows of short pieces that stand below each other in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from knowledge.readers.pdf.lines import Piece

_LEAST = 3  # rows; fewer are not certain to be a table
_COLUMNS = 60  # a table with more is none
_AWAY = 2.6  # times the size of the letters between the base lines of two rows
_FILLED = 0.65  # the share of cells that hold text
_LONGEST = 12  # words of a cell, by the median of its column


@dataclass(frozen=True, slots=True)
class Aligned:
    """Rows of a table: for each column the pieces of its cell."""

    rows: list[list[list[Piece]]]


def divided(flow: Sequence[Piece]) -> list["Piece | Aligned"]:
    """The pieces of one column of text, those of a table as one."""
    found: list[Piece | Aligned] = []
    rows = _rows(flow)
    start = 0
    while start < len(rows):
        end = _run(rows, start)
        table = _table(rows[start:end]) if end - start >= _LEAST else None
        if table is None:
            found += [piece for row in rows[start:end] for piece in row]
        else:
            found.append(table)
        start = end
    return found


def _rows(flow: Sequence[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for piece in sorted(flow, key=lambda each: (each.base, each.x0)):
        if rows and piece.base - rows[-1][0].base <= 0.3 * piece.size:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda each: each.x0) for row in rows]


def _run(rows: list[list[Piece]], start: int) -> int:
    """The end of the rows from ``start`` on whose pieces stand in common columns."""
    end = start + 1
    if not 2 <= len(rows[start]) <= _COLUMNS:
        return end
    columns = [(each.x0, each.x1) for each in rows[start]]
    while end < len(rows):
        row = rows[end]
        if row[0].base - rows[end - 1][0].base > _AWAY * row[0].size:
            break
        merged = _merged(columns, [(each.x0, each.x1) for each in row])
        if not max(2, len(columns)) <= len(merged) <= _COLUMNS or (
            len(row) == 1 and _spans(row[0], columns)
        ):
            break
        columns = merged
        end += 1
    while end > start + 1 and len(rows[end - 1]) < 2 and not _continues(rows, end - 1):
        end -= 1
    return end


def _spans(piece: Piece, columns: list[tuple[float, float]]) -> bool:
    return sum(x0 < piece.x1 and piece.x0 < x1 for x0, x1 in columns) != 1


def _continues(rows: list[list[Piece]], at: int) -> bool:
    """Whether a row of one piece goes on with a cell above it."""
    piece, above = rows[at][0], rows[at - 1]
    return piece.x0 > above[0].x1 and piece.base - above[0].base < 1.5 * piece.size


def _merged(
    columns: list[tuple[float, float]], more: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for x0, x1 in sorted((*columns, *more)):
        if made and x0 < made[-1][1] + 1:
            made[-1] = (made[-1][0], max(made[-1][1], x1))
        else:
            made.append((x0, x1))
    return made


def _table(rows: list[list[Piece]]) -> Aligned | None:
    columns: list[tuple[float, float]] = []
    for row in rows:
        columns = _merged(columns, [(each.x0, each.x1) for each in row])
    if len(columns) < 2:
        return None
    cells: list[list[list[Piece]]] = []
    for row in rows:
        placed: list[list[Piece]] = [[] for _ in columns]
        for piece in row:
            placed[_column(piece, columns)].append(piece)
        if cells and not placed[0] and _is_close(row, cells[-1]):
            for cell, more in zip(cells[-1], placed, strict=True):
                cell.extend(more)
        else:
            cells.append(placed)
    return Aligned(cells) if _is_certain(cells) else None


def _column(piece: Piece, columns: list[tuple[float, float]]) -> int:
    return next(i for i, (_, x1) in enumerate(columns) if piece.x0 <= x1)


def _is_close(row: list[Piece], above: list[list[Piece]]) -> bool:
    last = max(piece.base for cell in above for piece in cell)
    return row[0].base - last < 1.35 * row[0].size


def _is_certain(cells: list[list[list[Piece]]]) -> bool:
    if len(cells) < _LEAST or any(
        not cells[0][i] and not cells[1][i] for i in range(len(cells[0]))
    ):
        return False
    filled = sum(bool(cell) for row in cells for cell in row)
    if filled < _FILLED * len(cells) * len(cells[0]):
        return False
    lengths = [
        [sum(len(piece.words) for piece in row[i]) for row in cells if row[i]]
        for i in range(len(cells[0]))
    ]
    marks = all(len(row[0][0].words) == 1 and _is_mark(row[0][0]) for row in cells if row[0])
    is_listed = len(cells[0]) == 2 and marks
    return not is_listed and median(lengths[0]) <= _LONGEST


def _is_mark(piece: Piece) -> bool:
    text = piece.words[0].text
    return not any(c.isalpha() for c in text) or (len(text) <= 3 and text[-1] in ".)")
