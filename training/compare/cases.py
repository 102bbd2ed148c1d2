"""The questions to compare on, from what people rated."""

from collections.abc import Sequence

from domain.adapters import Example, Origin
from training.compare.arms import Case

MOST = 1_000
"""The most questions of one comparison."""


def cases_of(held_back: Sequence[Example]) -> list[Case]:
    """The newest of the rated questions that no night trains on, with their accepted answers."""
    return [
        Case(row.question, row.completion, row.prompt[1:-1], row.origin is Origin.THUMB_UP)
        for row in held_back[-MOST:]
    ]
