"""A page as lines of text and tables, in the order in which a person reads them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from domain.blocks import Row, linked
from knowledge.readers.pdf.aligned import Aligned, divided
from knowledge.readers.pdf.filling import filled
from knowledge.readers.pdf.grids import Grid, grids
from knowledge.readers.pdf.lines import Piece, flows, pieces
from knowledge.readers.pdf.page import Link, Page, Word
from knowledge.readers.pdf.text import is_raised, joined, plain, text_of

_NOTE = re.compile(r"(\d{1,3}|[*†‡])[.)]?(?![\d.,%])")
_SMALL = 0.93  # times the usual size of letters: footnotes are at most so large
_NUMBER = re.compile(r"[-+−–]?[\d.,'\s%€$£]+")
_FEW = 10  # lines of a column
_HEADER_WORDS = 6  # of a cell that names a column


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. ``left`` and ``right`` are the edges of its column.

    ``note`` is the number of the footnote that it begins, and ``refers`` those of the footnotes
    to which it leads. ``first`` is the width of its first word. ``is_filled`` where it
    holds the value of a form's field.
    """

    text: str
    page: int
    height: float
    x0: float
    x1: float
    base: float
    size: float
    left: float
    right: float
    first: float
    flow: int
    is_bold: bool = False
    is_mono: bool = False
    is_filled: bool = False
    note: str = ""
    refers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageTable:
    header: tuple[Row, ...]
    rows: tuple[Row, ...]
    page: int


Part = Line | PageTable


def parts_of(page: Page) -> list[Part]:
    """The lines and tables of ``page``, with the values of its form's fields."""
    words = _with_links(filled(page), page.links)
    tables = grids(page.rules, words)
    inside = {id(word) for table in tables for row in table.rows for cell in row for word in cell}
    free = pieces([word for word in words if id(word) not in inside])
    usual = _usual(words)
    notes = _notes(free, page, usual)
    held = {f"\0{i}": table for i, table in enumerate(tables)}
    free += [_placeholder(name, table, usual) for name, table in held.items()]
    found: list[Part] = []
    for number, flow in enumerate(flows(sorted(free, key=lambda each: each.base))):
        found += _parts(flow, page, number, held, notes)
    return found


def _usual(words: Sequence[Word]) -> float:
    return median(word.size for word in words) if words else 10.0


def _with_links(words: list[Word], links: Sequence[Link]) -> list[Word]:
    """``words`` with the addresses to which they lead behind them."""
    if not links:
        return words
    found = list(words)
    by_base = sorted(range(len(found)), key=lambda i: found[i].base)
    bases = [found[i].base for i in by_base]
    for link in links:
        first, last = _span(bases, link.box.y0, link.box.y1 + 2)
        covered = [
            i
            for i in by_base[first:last]
            if link.box.holds((found[i].x0 + found[i].x1) / 2, found[i].base - 0.3 * found[i].size)
        ]
        if not covered:
            continue
        covered.sort(key=lambda i: (round(found[i].base), found[i].x0))
        end = covered[-1]
        text = " ".join(found[i].text for i in covered)
        more = linked(text, link.target).removeprefix(text)
        w = found[end]
        if more and "".join(text.split()) not in link.target:
            found[end] = Word(
                w.text + more, w.x0, w.x1, w.base, w.size, w.is_bold, w.is_mono, w.is_spaced
            )
    return found


def _span(bases: list[float], low: float, high: float) -> tuple[int, int]:
    return bisect_left(bases, low), bisect_right(bases, high)


def _notes(free: Sequence[Piece], page: Page, usual: float) -> frozenset[str]:
    """The numbers with which small lines in the lower part of the page begin."""
    return frozenset(
        match[1]
        for piece in free
        if piece.size <= _SMALL * usual
        and piece.base > 0.4 * page.height
        and len(piece.words) > 1
        and (match := _NOTE.match(piece.words[0].text))
    )


def _placeholder(name: str, table: Grid, usual: float) -> Piece:
    box = table.box
    word = Word(name, box.x0, box.x1, box.y0 + 0.8 * usual, usual)
    return Piece((word,), box.x0, box.x1, word.base, usual)


def _parts(
    flow: list[Piece], page: Page, number: int, held: dict[str, Grid], notes: frozenset[str]
) -> list[Part]:
    found: list[Part] = []
    edges = sorted(piece.x1 for piece in flow)
    most = 0.9 if len(edges) > _FEW else 1.0  # of the lines; some stand out to the right
    left, right = min(piece.x0 for piece in flow), edges[int(most * (len(edges) - 1))]
    row: list[Piece] = []

    def end_row() -> None:
        if row:
            found.append(_line(sorted(row, key=lambda p: p.x0), page, number, left, right, notes))
            row.clear()

    for part in divided(flow):
        if isinstance(part, Aligned):
            end_row()
            found.append(
                _table([[_cell(c, notes) for c in r] for r in part.rows], page.number, _bold(part))
            )
        elif (name := part.words[0].text) in held:
            end_row()
            table = held[name]
            found.append(
                _table(
                    [[_cell(pieces(cell), notes) for cell in r] for r in table.rows],
                    page.number,
                    [all(w.is_bold for cell in r for w in cell) and any(r) for r in table.rows],
                )
            )
        else:
            is_below = row and part.base - row[0].base > 0.3 * part.size
            if is_below or any(word.is_filled for word in part.words):
                end_row()
            row.append(part)
    end_row()
    return found


def _bold(table: Aligned) -> list[bool]:
    return [all(w.is_bold for cell in row for p in cell for w in p.words) for row in table.rows]


def _line(
    row: list[Piece], page: Page, flow: int, left: float, right: float, notes: frozenset[str]
) -> Line:
    words = [word for piece in row for word in piece.words]
    main = max(row, key=lambda piece: sum(len(word.text) for word in piece.words))
    match = _NOTE.match(words[0].text)
    note = (
        match[1] if match and match[1] in notes and main.size <= _SMALL * _usual(page.words) else ""
    )
    refers = tuple(
        w.text for w in words[1:] if w.text in notes and is_raised(w, main.base, main.size)
    )
    text = text_of(words, main.base, main.size, notes.difference({note}))
    return Line(
        text,
        page.number,
        page.height,
        row[0].x0,
        max(piece.x1 for piece in row),
        main.base,
        main.size,
        left,
        right,
        words[0].x1 - words[0].x0,
        flow,
        all(word.is_bold for word in words),
        all(word.is_mono for word in words),
        any(word.is_filled for word in words),
        note,
        refers,
    )


def _cell(parts: Sequence[Piece], notes: frozenset[str]) -> str:
    rows = sorted(parts, key=lambda piece: (round(piece.base), piece.x0))
    return joined([text_of(piece.words, piece.base, piece.size, notes) for piece in rows], ())


def _table(rows: list[list[str]], page: int, bold: list[bool]) -> PageTable:
    kept = [
        (tuple(map(plain, row)), is_bold)
        for row, is_bold in zip(rows, bold, strict=True)
        if any(row)
    ]
    cells = [row for row, _ in kept]
    count = 0
    if not all(is_bold for _, is_bold in kept):
        while count < min(3, len(kept) - 1) and kept[count][1]:
            count += 1
    if not count and _names_columns(cells):
        count = 1
    return PageTable(tuple(cells[:count]), tuple(cells[count:]), page)


def _names_columns(rows: list[Row]) -> bool:
    """Whether the first row names the columns, by plain judgement: words above numbers."""
    if len(rows) < 2:
        return False
    first = rows[0]
    if any(not c or _NUMBER.fullmatch(c) or len(c.split()) > _HEADER_WORDS for c in first):
        return False
    has_digits = any(
        any(c.isdigit() for c in row[i]) and not any(c.isdigit() for c in first[i])
        for row in rows[1:]
        for i in range(len(first))
    )
    return has_digits or len(first) > 2
