"""What becomes of the rated answers in the night, by what was at fault in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.causes import Cause
from examples.demo.team import Rated
from training.selection.plan import Plan

LIKED, UNCLEAR = "👍 right", "👎 what was at fault cannot be told"


@dataclass(frozen=True, slots=True)
class Fate:
    """How many answers of a kind are trained on, held back to compare on, and left out."""

    kind: str
    trained: int
    held_back: int
    left_out: int


def fates(rated: Sequence[Rated], plan: Plan) -> list[Fate]:
    """One for each kind of rated answers that there is."""
    kinds: dict[str, set[str]] = {kind: set() for kind in (LIKED, *map(bad, Cause), UNCLEAR)}
    for one in rated:
        kinds[_kind(one, plan.cause_of)].add(one.answer.id)
    trained = {row.answer_id for row in plan.train}
    held_back = {row.answer_id for row in plan.held_back}
    return [
        Fate(kind, len(ids & trained), len(ids & held_back), len(ids - trained - held_back))
        for kind, ids in kinds.items()
        if ids
    ]


def of_cause(rated: Sequence[Rated], plan: Plan, cause: Cause) -> list[Rated]:
    """The bad answers in which this was at fault."""
    return [one for one in rated if not one.is_liked and plan.cause_of.get(one.answer.id) is cause]


def bad(cause: Cause) -> str:
    return f"👎 {cause.in_words}"


def _kind(one: Rated, cause_of: Mapping[str, Cause]) -> str:
    if one.is_liked:
        return LIKED
    cause = cause_of.get(one.answer.id)
    return bad(cause) if cause else UNCLEAR
