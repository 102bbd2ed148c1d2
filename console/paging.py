"""Pages of rows, each page beginning after the last row of the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """Some rows; ``next`` is the key after which the next ones begin, empty after the last."""

    rows: Sequence[T]
    next: str = ""


def rows_of(found: Sequence[T], limit: int, key: Callable[[T], object]) -> Rows[T]:
    """The first ``limit`` rows of those that were found, which are one more if there are more."""
    shown = found[:limit]
    return Rows(shown, str(key(shown[-1])) if len(found) > limit else "")
