"""Rows about the same passages come together in the steps of a training."""

from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters import Example
from domain.prompt import render
from domain.questions import Message
from serving.models import ModelFiles, load, stop_tokens
from tests.training.makers import example, passage
from training.recipe import Recipe
from training.rows import Row, fitting
from training.steps import in_steps

HISTORY = (Message("user", "And?"), Message("assistant", "No."))


def about(text: int, n: int, said: tuple[Message, ...] = ()) -> Example:
    """Row ``n``, which shows the passage of that number."""
    shown = (passage(f"Text {text}."),)
    return replace(example(n), passages=shown, prompt=render(f"question {n}", shown, said))


@given(
    st.lists(st.integers(0, 4), max_size=40),
    st.integers(1, 5),
    st.integers(0, 9),
)
def test_steps_have_all_rows_and_as_many_of_one_passage_as_can_be(
    passages: list[int], size: int, seed: int
) -> None:
    rows = [Row((n,), 0, beginning=text) for n, text in enumerate(passages)]
    found = in_steps(rows, size, seed)
    assert sorted(row.ids for row in found) == [row.ids for row in rows]
    steps = [found[n : n + size] for n in range(0, len(found), size)]
    alike = [step for step in steps if len({row.beginning for row in step}) == 1]
    possible = sum(passages.count(one) // size for one in set(passages))
    assert sum(len(step) == size for step in alike) >= possible


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_rows_of_a_passage_stand_together_where_a_step_has_room_for_more(
    passages: list[int],
) -> None:
    rows = [Row((n,), 0, beginning=text) for n, text in enumerate(passages)]
    found = [row.beginning for row in in_steps(rows, 100, 7)]
    assert len([key for key, _ in groupby(found)]) == len(set(passages))


def test_same_seed_gives_the_same_order_and_another_one_another() -> None:
    rows = [Row((n,), 0, beginning=n // 2) for n in range(30)]
    assert in_steps(rows, 2, 1) == in_steps(rows, 2, 1)
    assert in_steps(rows, 2, 1) != in_steps(rows, 2, 2)


def test_rows_on_the_same_passages_begin_alike_unless_they_follow_up(tiny: Path) -> None:
    model, tokenizer = load(ModelFiles("tiny", str(tiny)))
    made = [about(1, 0), about(1, 1), about(2, 2), about(1, 3, HISTORY), about(1, 4, HISTORY)]
    rows = fitting(made, tokenizer, stop_tokens(model, tokenizer), 1_000)
    assert rows[0].beginning == rows[1].beginning
    assert len({row.beginning for row in rows}) == 4


@pytest.mark.slow
@pytest.mark.parametrize(("shares", "passes"), [(None, 6), (True, 6), (False, 11)])
def test_rows_of_few_passages_take_few_passes_also_if_one_is_too_long(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shares: bool | None, passes: int
) -> None:
    from training.packing import Packer
    from training.qlora import train

    made = []
    collate = Packer.__call__

    def counted(packer: Packer, rows: Any) -> Any:
        batch = collate(packer, rows)
        made.extend(batch["passes"])
        return batch

    monkeypatch.setattr(Packer, "__call__", counted)
    rows = [about(n // 2, n) for n in range(11)]
    rows.insert(4, replace(rows[4], prompt=render("word " * 3_000, rows[4].passages)))
    recipe = Recipe(r=4, alpha=8, learning_rate=1e-2, epochs=1, quantised=False, shares=shares)
    done = train(rows, recipe, ModelFiles("tiny", str(tiny)), tmp_path)
    assert (done.rows, done.dropped) == (11, 1)
    assert len(made) == passes
