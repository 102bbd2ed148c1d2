"""The questions to compare on, from what people rated."""

from collections.abc import Sequence

from domain.adapters import Example, Origin
from training.compare.arms import Case

MOST = 1_000
"""The most questions of a file that are compared; a night holds back fewer."""

LONGEST = 2_000
"""The longest question of a file, in characters: every context holds it."""


def cases_of(held_back: Sequence[Example]) -> list[Case]:
    """The rated questions that no night trains on, with the answers that people accepted."""
    return [
        Case(row.question, row.completion, row.prompt[1:-1], row.origin is Origin.THUMB_UP)
        for row in held_back
    ]
