"""What the next night would train on; no model and no server is needed, and nothing is changed."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.adapters import Example
from domain.cards import Card
from domain.causes import Cause
from domain.golden import Golden
from domain.questions import RatedAnswer
from training.dataset import LeftOut, balanced, select, split
from training.golden import same_as
from training.recipe import Recipe
from training.rows_of_night import rows_of_night


@dataclass(frozen=True, slots=True)
class DryRun:
    """The examples to train on, the answers that are only compared on, and those left out.

    Starter rows are among those to train on; of the others ``shares`` says what share each person
    gives, from 0 to 1; what several agree on counts for each of them. ``causes`` says of how many
    rated answers what was at fault.
    """

    train: tuple[Example, ...]
    held_back: tuple[str, ...]
    left_out: Mapping[LeftOut, tuple[str, ...]]
    shares: Mapping[str, float]
    causes: Mapping[Cause, int]


def dry_run(
    rated: Iterable[RatedAnswer],
    *,
    cards: Iterable[Card] = (),
    may_train: Callable[[RatedAnswer], bool],
    budget: int,
    recipe: Recipe,
    kept_out: Collection[str] = (),
    golden: Sequence[Golden] = (),
    is_large: bool = False,
) -> DryRun:
    """The arguments are those of ``select``; ``recipe`` says how many 👍 are trained on.

    ``is_large``: whether the model has a billion parameters or more.
    """
    left_out: dict[LeftOut, list[str]] = {}

    def leave_out(reason: LeftOut, answer_id: str) -> None:
        left_out.setdefault(reason, []).append(answer_id)

    selection = select(
        rated,
        cards=cards,
        may_train=may_train,
        budget=budget,
        kept_out=kept_out,
        is_golden=same_as(golden),
        leave_out=leave_out,
    )
    found, held_back = split(selection.examples)
    train = balanced(found, recipe.thumbs_per_correction)
    kept = {row.answer_id for row in (*found, *held_back)}
    trained = {row.answer_id for row in train}
    for row in selection.examples:
        if row.answer_id not in kept:
            leave_out(LeftOut.ALIKE, row.answer_id)
    for row in found:
        if row.answer_id not in trained:
            leave_out(LeftOut.OUTWEIGHED, row.answer_id)
    given = Counter(person for row in train for person in row.by)
    return DryRun(
        tuple(rows_of_night(found, recipe, is_large=is_large)),
        tuple(row.answer_id for row in held_back),
        {reason: tuple(ids) for reason, ids in left_out.items()},
        {person: n / len(train) for person, n in sorted(given.items())},
        selection.causes,
    )
