"""The answers that people preferred and those that they rejected, of the rows of a night.

They are taken from the rows that were chosen to train on, so no question that is held back is among
them. A fifth of all rows could be all that was corrected, so each side is limited anew: from three
raters on, nobody gives more than a fifth of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from domain.adapters import Example, Origin
from training.recipe import Method
from training.secrets.finding import held_by, told
from training.selection.shares import Night, choose
from training.selection.telling import most_telling_first

FEWEST = 50
"""So many rejected answers are needed, and for KTO so many liked ones too.

The training that docs/training.md tells of had 60 corrected ones; with fewer nothing was tried on a
real model. It is no measured limit."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """``good`` answers that are to become more probable, and ``bad`` ones, less.

    For DPO, ``good[n]`` is the correction of ``bad[n]``, with the same prompt. For KTO they are
    independent of each other: what people liked, and what they corrected.
    """

    method: Literal["dpo", "kto"]
    good: tuple[Example, ...]
    bad: tuple[Example, ...]


def enough(good: int, bad: int) -> bool:
    return min(good, bad) >= FEWEST


def balanced(good: int, bad: int) -> tuple[float, float]:
    """How much each of so many good answers counts for KTO, and each bad one.

    Both sides count the same in all, and no answer less than 1.
    """
    return max(1.0, bad / good), max(1.0, good / bad)


def in_words(method: Method, good: int, bad: int) -> str:
    """What there is, for people, and what is missing."""
    if method == "dpo":
        found, needed = f"DPO: {bad} corrected answers", f"{FEWEST}"
    else:
        found, needed = f"KTO: {good} liked and {bad} corrected answers", f"{FEWEST} of each"
    return found if enough(good, bad) else f"{found}; it needs {needed}, so it is skipped"


def preferences(rows: Sequence[Example], method: Method) -> Preferences | None:
    """The preferences in a night's rows, in an order that the rows decide; None for ``off``."""
    if method == "off":
        return None
    raters = len({person for row in rows for person in row.by})
    corrected = _shared([row for row in rows if _is_corrected(row)], raters)
    bad = tuple(replace(row, completion=row.rejected) for row in corrected)
    if method == "dpo":
        return Preferences(method, corrected, bad)
    liked = _shared([row for row in rows if row.origin is Origin.THUMB_UP], raters)
    return Preferences(method, liked, bad)


def _shared(rows: Sequence[Example], raters: int) -> tuple[Example, ...]:
    """As many of the rows as nobody steers; no tokens limit them, as they fit into the night."""
    found = choose(most_telling_first(rows), Night(raters, room=0, size=lambda _: 0))
    return tuple(sorted(found.rows, key=_drawn))


def _is_corrected(row: Example) -> bool:
    """A rejected answer that holds a secret is not used: reports and files could repeat it."""
    return (
        row.origin in (Origin.CORRECTION, Origin.QUOTE)
        and row.rejected not in ("", row.completion)
        and not (held_by(row.rejected) or told(row.question, row.rejected))
    )


def _drawn(row: Example) -> str:
    return sha256(f"preferred {row.answer_id}".encode()).hexdigest()
