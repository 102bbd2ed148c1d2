"""The order of a training's rows: those of one step show the same passages, if enough rows do.

What the rows of a step have in common is then computed once (`training.packing`).
"""

from collections.abc import Hashable, Sequence
from random import Random

from training.rows import Row


def in_steps(rows: Sequence[Row], size: int, seed: int) -> list[Row]:
    """The rows in steps of ``size``; which ones, and in what order, is by chance.

    Only the last step may be shorter.
    """
    chance = Random(seed)  # noqa: S311
    groups: dict[Hashable, list[Row]] = {}
    for row in chance.sample(rows, len(rows)):
        groups.setdefault(row.beginning, []).append(row)
    alike = [
        group[first : first + size]
        for group in groups.values()
        for first in range(0, len(group) - size + 1, size)
    ]
    left = [row for group in groups.values() for row in group[len(group) // size * size :]]
    mixed = [left[first : first + size] for first in range(0, len(left), size)]
    short = [mixed.pop()] if mixed and len(mixed[-1]) < size else []
    steps = alike + mixed
    chance.shuffle(steps)
    return [row for step in (*steps, *short) for row in step]
