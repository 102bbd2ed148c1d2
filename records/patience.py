"""How long a locked database is waited for, where somebody waits for the answer meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """For the block and its thread: SQLite's writers wait no longer than ``seconds`` in all."""
    before = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(before)


def patience(usual: float) -> float:
    """How many seconds to wait from now on; ``usual`` where nobody asked for less."""
    deadline = _deadline.get()
    return usual if deadline is None else min(usual, max(deadline - monotonic(), 0.0))
