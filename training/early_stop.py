"""Sets rows aside that show during a training whether it still helps, and ends it when not."""

from collections.abc import Sequence
from hashlib import sha256

from domain.adapters import Example, Origin

SHARE = 0.1
"""The share of the team's own rows that is set aside."""

MOST = 40
"""At most so many rows are set aside."""

PATIENCE = 2
"""The training ends when their loss has not fallen so many times in a row."""

LOOKS = 4
"""How often in an epoch their loss is computed."""


def set_aside(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """The rows to train on, and those set aside: questions that mean the same stay together."""
    groups = {row.group for row in examples if row.origin is not Origin.STARTER}
    count = min(MOST, int(SHARE * len(groups)))
    aside = set(sorted(groups, key=_drawn)[:count])
    return (
        [row for row in examples if row.group not in aside],
        [row for row in examples if row.group in aside],
    )


def _drawn(group: str) -> str:
    return sha256(f"aside {group}".encode()).hexdigest()
