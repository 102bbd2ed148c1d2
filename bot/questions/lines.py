"""Lines of a thread, as they are judged."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a thread as people see it. ``person`` is an id; ``is_own``: the bot wrote it."""

    person: str
    text: str
    is_own: bool = False
    is_refusal: bool = False


def last_answer(before: Sequence[Line]) -> int | None:
    """Where the bot spoke last; None if it did not speak yet."""
    return next((n for n in range(len(before) - 1, -1, -1) if before[n].is_own), None)


def asker(before: Sequence[Line]) -> str:
    """Who spoke last of the people."""
    return next((line.person for line in reversed(before) if not line.is_own), "")
