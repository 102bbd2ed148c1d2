"""Where numbers lie in a picture."""

from dataclasses import dataclass
from math import floor, log10

_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps the numbers from ``low`` to ``high`` to the places from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, number: float) -> float:
        span = (self.high - self.low) or 1.0
        share = min(max((number - self.low) / span, 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Round numbers with the same distance, at most six: the place of each, and its text."""
        step = _round_up((self.high - self.low) / _MOST_TICKS or 1.0)
        digits = max(0, -floor(log10(step)))
        first, last = -floor(-self.low / step), floor(self.high / step)
        return [(self.at(n * step), f"{n * step:.{digits}f}") for n in range(first, last + 1)]


def _round_up(step: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is not less than ``step``."""
    power: float = 10.0 ** floor(log10(step))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= step * 0.999)
