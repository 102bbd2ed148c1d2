"""The order in which people read what stands on a slide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 200  # things on a slide that are put into order with care; it takes their square


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """Something, and the rectangle in which it stands, in any unit."""

    thing: T
    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


def in_reading_order(placed: Sequence[Placed[T]]) -> list[T]:
    """From the top left. Columns are read one after the other, as far as wider gaps part them."""
    if len(placed) > _MOST:
        return [each.thing for each in sorted(placed, key=_from_top)]
    return [each.thing for each in _ordered(placed)]


def _from_top(placed: Placed[T]) -> tuple[int, int]:
    return placed.top, placed.left


def _ordered(placed: Sequence[Placed[T]]) -> Iterator[Placed[T]]:
    """Cuts at the widest gap, above all rows or columns, until nothing can be cut."""
    waiting = [list(placed)]
    while waiting:
        some = waiting.pop()
        rows = _widest_gap(sorted((each.top, each.bottom) for each in some))
        columns = _widest_gap(sorted((each.left, each.right) for each in some))
        if rows[0] < 0 and columns[0] < 0:
            yield from sorted(some, key=_from_top)
        elif rows[0] >= columns[0]:
            waiting.append([each for each in some if each.top >= rows[1]])
            waiting.append([each for each in some if each.top < rows[1]])
        else:
            waiting.append([each for each in some if each.left >= columns[1]])
            waiting.append([each for each in some if each.left < columns[1]])


def _widest_gap(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """How wide it is, and where what follows it begins; -1 where there is none."""
    widest, at = -1, 0
    end = spans[0][1] if spans else 0
    for start, stop in spans[1:]:
        if start >= end and start - end > widest and start > spans[0][0]:
            widest, at = start - end, start
        end = max(end, stop)
    return widest, at
