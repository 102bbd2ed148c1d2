from dataclasses import replace

from domain.adapters import Example, Origin
from domain.causes import Cause
from domain.questions import Fault
from tests.training.makers import down, place_of, rated, up
from training.dataset import LeftOut, select, split
from training.dry_run import DryRun, dry_run
from training.recipe import Recipe
from training.rows_of_night import rows_of_night


def test_every_rated_answer_is_trained_on_or_compared_on_or_left_out_for_a_reason() -> None:
    rows = [rated(n, up("a"), up("b") if n % 3 else down("b", place_of(n))) for n in range(60)]
    rows += [rated(n, down("c")) for n in range(60, 70)]
    found = dry_run(
        rows,
        may_train=lambda one: one.question.id != rows[0].question.id,
        budget=1500,
        recipe=Recipe(),
    )
    trained = [row.answer_id for row in _own(found)]
    left_out = [one for ids in found.left_out.values() for one in ids]
    ids = [*trained, *found.held_back, *left_out]
    assert sorted(ids) == sorted(one.answer.id for one in rows)
    assert found.left_out[LeftOut.PRIVATE] == (rows[0].answer.id,)
    assert set(found.left_out[LeftOut.UNDECIDED]) == {one.answer.id for one in rows[60:]}
    assert LeftOut.OUTWEIGHED in found.left_out
    assert all(row.by for row in _own(found))


def test_it_says_what_the_night_would_train_on() -> None:
    rows = [rated(n, down("a", place_of(n))) for n in range(20)]
    found = dry_run(rows, may_train=lambda _: True, budget=1500, recipe=Recipe())
    train, held_back = split(select(rows).examples)
    assert _own(found) == train
    assert found.train == tuple(rows_of_night(train, Recipe(), is_large=False))
    assert found.held_back == tuple(row.answer_id for row in held_back)
    assert {(row.origin, row.by) for row in found.train} == {
        (Origin.CORRECTION, ("a",)),
        (Origin.STARTER, ()),
    }


def test_shares_and_causes_are_said() -> None:
    rows = [rated(n, up("a"), *([up("b")] if n % 2 else [])) for n in range(40)]
    rows.append(rated(99, replace(down("c"), fault=Fault.OUTDATED)))
    found = dry_run(rows, may_train=lambda _: True, budget=1500, recipe=Recipe())
    shared = sum("b" in row.by for row in found.train) / len(_own(found))
    assert found.shares == {"a": 1.0, "b": shared}
    assert found.causes == {Cause.DOCUMENT: 1}


def test_nothing_rated_gives_an_empty_plan() -> None:
    found = dry_run([], may_train=lambda _: True, budget=1500, recipe=Recipe())
    assert (found.train, found.held_back, found.left_out, found.shares) == ((), (), {}, {})


def _own(found: DryRun) -> list[Example]:
    """The rows that are the team's own."""
    return [row for row in found.train if row.origin is not Origin.STARTER]
