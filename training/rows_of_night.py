"""The rows that a night trains on: the team's own, starter rows, and refusals for a large model."""

from collections.abc import Sequence

from domain.adapters import Example
from training.replay import with_replay
from training.unanswered import with_refusals


def rows_of_night(train: Sequence[Example], *, is_large: bool) -> list[Example]:
    """All rows to train on, made from those of ``train`` that are not held back.

    ``is_large``: the model has a billion parameters or more, so it can learn which questions a
    passage on their subject does not answer; a smaller one would only refuse more.
    """
    rows = with_replay(train, near=is_large)
    return with_refusals(rows) if is_large else rows
