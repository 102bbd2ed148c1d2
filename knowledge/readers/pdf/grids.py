"""Tables that are drawn with lines: their cells, also those that span rows and columns."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.readers.pdf.page import Box, Rule, Word

_NEAR = 3.0  # points: lines that are so near to each other are one
_MOST = 400  # level, and as many upright, lines of a page; a drawing has more, and holds no table
_CELLS = 20_000  # of one table
_DRAWN = 0.6  # the share of a cell's edge that a line covers where it is drawn
_FILLED = 0.3  # the share of cells that hold text; fewer make no table


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its words. ``rows`` hold the words of each cell, repeated where it spans."""

    box: Box
    rows: list[list[list[Word]]]


def grids(rules: Sequence[Rule], words: Sequence[Word]) -> list[Grid]:
    """The tables of a page that have at least two rows and columns with text."""
    level = _lines([(r.y0, r.x0, r.x1) for r in rules if r.y0 == r.y1])
    upright = _lines([(r.x0, r.y0, r.y1) for r in rules if r.x0 == r.x1])
    if not (2 <= len(level) <= _MOST and 2 <= len(upright) <= _MOST):
        return []
    found = []
    for rows, columns in _groups(level, upright):
        ys, xs = _places(rows), _places(columns)
        if len(ys) > 1 and len(xs) > 1 and len(ys) * len(xs) <= _CELLS:
            box = Box(xs[0], ys[0], xs[-1], ys[-1])
            inside = [w for w in words if box.holds((w.x0 + w.x1) / 2, (w.y0 + w.y1) / 2)]
            cells = _filled(_cells(xs, ys, rows, columns), xs, ys, inside)
            if _is_table(cells):
                found.append(Grid(box, cells))
    return found


Line = tuple[float, float, float]
"""Where a line stands across its direction, and from where to where it runs."""


def _lines(found: list[Line]) -> list[Line]:
    """Lines in one direction, those joined that go on from each other."""
    made: list[Line] = []
    for place, start, end in _aligned(found):
        if made and made[-1][0] == place and start <= made[-1][2] + _NEAR:
            made[-1] = (place, made[-1][1], max(made[-1][2], end))
        else:
            made.append((place, start, end))
    return [line for line in made if line[2] - line[1] > 2 * _NEAR]


def _aligned(found: list[Line]) -> list[Line]:
    moved: list[Line] = []
    last = None
    for place, start, end in sorted(found):
        if last is None or place - last > _NEAR:
            last = place
        moved.append((last, start, end))
    return sorted(moved)


def _groups(level: list[Line], upright: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    """Lines that touch each other, directly or through others."""
    parent = list(range(len(level) + len(upright)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, (y, x0, x1) in enumerate(level):
        for j, (x, y0, y1) in enumerate(upright, len(level)):
            if x0 - _NEAR <= x <= x1 + _NEAR and y0 - _NEAR <= y <= y1 + _NEAR:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Line], list[Line]]] = defaultdict(lambda: ([], []))
    for i, line in enumerate(level):
        groups[root(i)][0].append(line)
    for j, line in enumerate(upright, len(level)):
        groups[root(j)][1].append(line)
    return list(groups.values())


def _places(lines: list[Line]) -> list[float]:
    return sorted({place for place, _, _ in lines})


def _cells(
    xs: list[float], ys: list[float], level: list[Line], upright: list[Line]
) -> list[list[int]]:
    """For each place in the grid the number of the cell that covers it."""
    across = len(xs) - 1
    parent = list(range(across * (len(ys) - 1)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    drawn_level = _drawn(level, xs)
    drawn_upright = _drawn(upright, ys)
    for row in range(len(ys) - 1):
        for column in range(across):
            here = row * across + column
            if column and row not in drawn_upright[xs[column]]:
                parent[root(here)] = root(here - 1)
            if row and column not in drawn_level[ys[row]]:
                parent[root(here)] = root(here - across)
    return [[root(row * across + c) for c in range(across)] for row in range(len(ys) - 1)]


def _drawn(lines: list[Line], marks: list[float]) -> dict[float, set[int]]:
    """For each line's place the stretches between two ``marks`` that it covers."""
    covered: dict[float, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for place, start, end in lines:
        for i in range(len(marks) - 1):
            covered[place][i] += max(0.0, min(end, marks[i + 1]) - max(start, marks[i]))
    return defaultdict(
        set,
        {
            place: {i for i, c in found.items() if c >= _DRAWN * (marks[i + 1] - marks[i])}
            for place, found in covered.items()
        },
    )


def _filled(
    cells: list[list[int]], xs: list[float], ys: list[float], words: list[Word]
) -> list[list[list[Word]]]:
    texts: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        column = _between(xs, (word.x0 + word.x1) / 2)
        row = _between(ys, (word.y0 + word.y1) / 2)
        texts[cells[row][column]].append(word)
    return [[texts.get(cell, []) for cell in row] for row in cells]


def _between(marks: list[float], place: float) -> int:
    return max(0, min(len(marks) - 2, bisect_right(marks, place) - 1))


def _is_table(cells: list[list[list[Word]]]) -> bool:
    kinds = {id(cell): cell for row in cells for cell in row if cell}
    filled = sum(bool(cell) for row in cells for cell in row)
    rows = sum(any(row) for row in cells)
    columns = sum(any(column) for column in zip(*cells, strict=True))
    total = len(cells) * len(cells[0])
    return len(kinds) > 3 and rows > 1 and columns > 1 and filled >= _FILLED * total
