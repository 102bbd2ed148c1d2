"""Limits how long a thread waits for a locked database while somebody waits for a response."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Within the block and thread, SQLite's writers wait at most ``seconds`` in total.

    They go before others of the process. A block within another one does not prolong its limit.
    """
    known, ends = _deadline.get(), monotonic() + seconds
    before = _deadline.set(ends if known is None else min(known, ends))
    try:
        yield
    finally:
        _deadline.reset(before)


def patience(usual: float) -> float:
    """How many seconds the next write may wait; ``usual`` if there is no lower limit."""
    deadline = _deadline.get()
    return usual if deadline is None else min(usual, max(deadline - monotonic(), 0.0))
