"""What the readers of spreadsheets share: a sheet's cells, and values as people read them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import isfinite

from domain.blocks import Block
from knowledge.readers.grids import Styled

CELLS = 1_000_000
"""The most cells of a sheet that are read, empty ones between them too."""

COLUMNS = 16_384
"""The most columns of a sheet, in Excel and in LibreOffice."""

_GAP = -1
_DIGITS = 12  # that are shown of a number, which are eight and four decimals of
_LONG = 1e8  # and from which on only the decimals count
_DECIMALS_OF_LONG = 4
_LARGEST_WHOLE = 1e15  # Excel keeps 15 digits
_SPANNING = 200_000
"""The most cells of a sheet that are filled because one above or beside spans them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``notes`` say what of it was not read; ``remarks`` stand beside its cells."""

    name: str
    rows: tuple[Styled, ...] = ()
    notes: tuple[str, ...] = ()
    is_hidden: bool = False
    remarks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The cells from one corner to the other, both within, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Cells:
    """The filled cells of a sheet, by row and column from 0. A far one costs no more than a near.

    ``set_off`` holds the rows that the format marks as names of columns.
    """

    name: str
    texts: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    bold: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    set_off: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)
    is_cut: bool = False
    _count: int = 0

    def put(self, row: int, column: int, text: str, *, is_bold: bool = False) -> None:
        """Keeps a cell, unless the sheet holds too many; `is_cut` tells."""
        if self._count >= CELLS:
            self.is_cut = True
        elif text:
            self._count += 1
            self.texts[row][column] = text
            self.bold[row] += is_bold

    def is_hidden(self, row: int, column: int) -> bool:
        return row in self.hidden_rows or column in self.hidden_columns

    def hide_columns(self, first: int, last: int) -> None:
        """Leaves out the columns from ``first`` to ``last``, both counted from 0."""
        if len(self.hidden_columns) < COLUMNS:
            self.hidden_columns.update(range(first, min(last, COLUMNS) + 1))

    @property
    def is_full(self) -> bool:
        """Whether no more cells are kept."""
        return self._count >= CELLS

    def sheet(self) -> Sheet:
        """What of it is seen; blank rows and columns are kept as one each, since they part."""
        notes = []
        hidden = len(self.hidden_rows & self.texts.keys())
        if hidden:
            notes.append(f"sheet {self.name}: not read: {_counted(hidden, 'hidden row')}")
        rows = sorted(self.texts.keys() - self.hidden_rows)
        used = {column for row in rows for column in self.texts[row]}
        columns = sorted(used - self.hidden_columns)
        if len(columns) < len(used):
            count = _counted(len(used) - len(columns), "hidden column")
            notes.append(f"sheet {self.name}: not read: {count}")
        self._fill_spans(rows, columns)
        if self.is_cut or len(rows) * len(columns) > 2 * CELLS:
            rows = rows[: 2 * CELLS // max(1, len(columns))]
            notes.append(f"sheet {self.name}: only the first {len(rows):,} rows are read")
        columns = _with_gaps(columns, sorted(self.hidden_columns))
        rows = _with_gaps(rows, sorted(self.hidden_rows))
        return Sheet(self.name, tuple(self._styled(rows, columns)), tuple(notes))

    def _styled(self, rows: list[int], columns: list[int]) -> Iterable[Styled]:
        for row in rows:
            cells = self.texts.get(row, {})
            is_bold = len(cells) > 1 and self.bold[row] >= len(cells)
            yield Styled(
                tuple(cells.get(column, "") for column in columns), is_bold or row in self.set_off
            )

    def _fill_spans(self, rows: list[int], columns: list[int]) -> None:
        room = _SPANNING
        for span in self.spans:
            text = self.texts.get(span.top, {}).get(span.left, "")
            is_bold = bool(text) and self.bold[span.top] >= len(self.texts[span.top])
            if not text:
                continue
            across = columns[bisect_left(columns, span.left) : bisect_right(columns, span.right)]
            for row in rows[bisect_left(rows, span.top) : bisect_right(rows, span.bottom)]:
                room -= len(across) + 1
                if room < 0:
                    return
                for column in across:
                    if column not in self.texts[row]:
                        self.texts[row][column] = text
                        self.bold[row] += is_bold


def _with_gaps(numbers: list[int], hidden: list[int]) -> list[int]:
    """``numbers`` in order, with `_GAP` where others lie between them that are not ``hidden``."""
    found = numbers[:1]
    for one, other in pairwise(numbers):
        between = bisect_left(hidden, other) - bisect_right(hidden, one)
        found += [_GAP, other] if other - one - 1 > between else [other]
    return found


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def shown(value: float | time | date | datetime | timedelta) -> str:
    """A value as a person reads it: dates as in 2026-03-01, numbers without what rounding adds."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return number(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M" if value.time() != time.min else "%Y-%m-%d")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    if isinstance(value, timedelta):
        return duration(value.total_seconds())
    return value.isoformat()


def number(value: float) -> str:
    """``value`` without what binary fractions add: 3, not 3.0000000001. No whole digit is lost."""
    if not isfinite(value):
        return ""
    is_long = abs(value) >= _LONG
    short = round(value, _DECIMALS_OF_LONG) if is_long else float(f"{value:.{_DIGITS}g}")
    if short == int(short):
        return str(int(short)) if abs(short) < _LARGEST_WHOLE else f"{short:.15g}"
    return f"{short:.15f}".rstrip("0") if 1e-7 < abs(short) < 1e-4 else f"{short:.15g}"


def duration(seconds: float) -> str:
    """Hours and minutes, as in 36:30, also beyond a day."""
    minutes, rest = divmod(round(abs(seconds)), 60)
    sign = "-" if seconds < 0 else ""
    text = f"{sign}{minutes // 60}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text
