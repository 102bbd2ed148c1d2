"""Rows that are computed together are learned as if each were alone."""

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.models import ModelFiles, load, stop_tokens
from tests.tiny_phi3 import build_tiny_phi3
from tests.training.makers import example
from training.recipe import Recipe

WINDOW = 24
"""Tokens that the small model with a window sees; its rows have more."""


@pytest.fixture(scope="module")
def windowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_phi3(tmp_path_factory.mktemp("windowed"), sliding_window=WINDOW)


def row(*ids: int, answer: int = 2, weight: float = 1.0) -> dict[str, Any]:
    labels = [-100] * (len(ids) - answer) + list(ids[len(ids) - answer :])
    return {"input_ids": list(ids), "labels": labels, "weight": weight}


def about(beginning: range, *rest: int, answer: int = 2, weight: float = 1.0) -> dict[str, Any]:
    """A row that begins as others do."""
    return row(*beginning, *rest, answer=answer, weight=weight)


def logits(folder: Path, *rows: dict[str, Any], shares: bool = False) -> Any:
    """Those of each row's tokens, computed together; without the tokens that they share."""
    import torch

    from training.attention import within_rows
    from training.packing import packed

    model, _ = load(ModelFiles("tiny", str(folder)))
    one = packed(rows, len(rows), shares=shares)
    with torch.no_grad(), within_rows(model):
        found = model(
            input_ids=one["input_ids"],
            position_ids=one["position_ids"],
            lengths=one["lengths"],
            shared=one["shared"],
            use_cache=False,
        ).logits[0]
    return torch.split(found[one["shared"] :], list(one["lengths"]))


def gradients(folder: Path, packer: Any, rows: list[dict[str, Any]]) -> Any:
    """Those of a step's loss, all in one tensor."""
    import torch

    from training.attention import within_rows
    from training.trainer import AnswerTrainer

    network, _ = load(ModelFiles("tiny", str(folder)))
    trainer = AnswerTrainer.__new__(AnswerTrainer)
    with within_rows(network):
        for one in packer(rows)["passes"]:
            torch.autograd.backward(trainer.compute_loss(network, one))
    return torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])


def test_no_row_sees_another(tiny: Path) -> None:
    mine, other = row(*range(30, 70)), row(*range(80, 150))
    changed = row(*range(81, 151))
    for before, after in (((mine, other), (mine, changed)), ((other, mine), (changed, mine))):
        at = before.index(mine)
        one, two = logits(tiny, *before), logits(tiny, *after)
        assert one[at].allclose(two[at], atol=1e-5)
        assert not one[1 - at].allclose(two[1 - at], atol=1e-1)


@pytest.mark.parametrize("model", ["tiny", "windowed"])
def test_packed_row_is_computed_as_the_model_computes_it_alone(
    model: str, request: pytest.FixtureRequest
) -> None:
    import torch

    folder = request.getfixturevalue(model)
    rows = [row(*range(30, 70)), row(*range(80, 150)), row(*range(40, 50))]
    alone, _ = load(ModelFiles("tiny", str(folder)))
    for one, found in zip(rows, logits(folder, *rows), strict=False):
        with torch.no_grad():
            expected = alone(input_ids=torch.tensor([one["input_ids"]])).logits[0]
        assert found.allclose(expected, atol=1e-4)


@pytest.mark.parametrize("model", ["tiny", "windowed"])
def test_row_that_shares_its_beginning_is_computed_as_the_model_computes_it_alone(
    model: str, request: pytest.FixtureRequest
) -> None:
    import torch

    folder = request.getfixturevalue(model)
    passage = range(30, 70)
    rows = [about(passage, 8, 9, 10, 11), about(passage, *range(90, 120)), about(passage, 7, 6, 5)]
    alone, _ = load(ModelFiles("tiny", str(folder)))
    for one, found in zip(rows, logits(folder, *rows, shares=True), strict=False):
        with torch.no_grad():
            expected = alone(input_ids=torch.tensor([one["input_ids"]])).logits[0]
        assert found.allclose(expected[len(passage) :], atol=1e-4)


def test_window_hides_what_is_further_away(windowed: Path) -> None:
    """Else the test above could not fail for want of a window. Two layers see twice as far."""
    near, far = row(*range(30, 100)), row(31, *range(31, 100))
    one, two = logits(windowed, near)[0], logits(windowed, far)[0]
    assert not one[1].allclose(two[1], atol=1e-2)
    assert one[2 * WINDOW :].allclose(two[2 * WINDOW :], atol=1e-5)


@pytest.mark.slow
def test_packed_steps_have_the_losses_of_rows_one_by_one(tiny: Path, tmp_path: Path) -> None:
    from training.qlora import train

    recipe = Recipe(
        r=4, alpha=8, learning_rate=1e-2, epochs=2, batch=4, quantised=False, shares=False
    )
    rows = [replace(example(n), weight=1 + n / 4) for n in range(6)]
    found = []
    for tokens in (1, 300, 10_000):
        folder = tmp_path / str(tokens)
        folder.mkdir()
        one = replace(recipe, tokens_per_step=tokens)
        found.append(train(rows, one, ModelFiles("tiny", str(tiny)), folder).losses)
    alone, some, together = found
    assert alone[-1] < alone[0] - 1
    assert some == pytest.approx(alone, rel=5e-3)  # it computes in bfloat16
    assert together == pytest.approx(alone, rel=5e-3)


@pytest.mark.parametrize("model", ["tiny", "windowed"])
def test_packed_rows_have_the_gradients_of_rows_one_by_one(
    model: str, request: pytest.FixtureRequest
) -> None:
    from training.packing import Packer

    folder = request.getfixturevalue(model)
    rows = [row(*range(30, 70)), row(*range(80, 150), answer=9, weight=2), row(*range(40, 50))]

    alone, some, together = (gradients(folder, Packer(n), rows) for n in (1, 80, 1_000))
    assert alone.abs().max() > 0.1
    assert some.allclose(alone, atol=1e-4)
    assert together.allclose(alone, atol=1e-4)


@pytest.mark.parametrize("model", ["tiny", "windowed"])
def test_rows_that_share_their_beginning_have_the_gradients_of_rows_one_by_one(
    model: str, request: pytest.FixtureRequest
) -> None:
    from training.packing import Packer

    folder = request.getfixturevalue(model)
    one, other = range(30, 70), range(80, 130)
    rows = [
        about(one, 8, 9, 10, 11),
        about(one, *range(90, 120), answer=9, weight=2),
        about(one, 8, 9, 10, 12),
        about(other, 7, 6, 5),
        about(other, 5, 6, 7, 8, weight=3),
    ]
    alone, together = (gradients(folder, Packer(1, shares), rows) for shares in (0, 1_000))
    assert len(Packer(1, shares=1_000)(rows)["passes"]) == 2
    assert alone.abs().max() > 0.1
    assert together.allclose(alone, atol=1e-4)


@pytest.mark.slow
def test_training_that_shares_passages_learns_what_rows_one_by_one_teach(
    tiny: Path, tmp_path: Path
) -> None:
    from training.qlora import train

    rows = [example(n) for n in range(8)]
    recipe = Recipe(r=4, alpha=8, learning_rate=1e-2, epochs=3, batch=4, quantised=False)
    done = train(rows, replace(recipe, shares=True), ModelFiles("tiny", str(tiny)), tmp_path)
    assert done.losses[-1] < done.losses[0] - 1
    assert done.rows == len(rows)


@pytest.mark.slow
def test_loss_of_the_rows_set_aside_is_their_mean(tiny: Path, tmp_path: Path) -> None:
    import torch

    from training.early_stop import set_aside
    from training.qlora import train
    from training.rows import fitting

    recipe = Recipe(r=4, alpha=8, learning_rate=1e-9, epochs=1, quantised=False, early_stop=True)
    rows = [example(n) for n in range(20)]
    done = train(rows, recipe, ModelFiles("tiny", str(tiny)), tmp_path)
    model, tokenizer = load(ModelFiles("tiny", str(tiny)))
    _, aside = set_aside(rows)
    each = []
    for one in fitting(aside, tokenizer, stop_tokens(model, tokenizer), 2048):
        ids = torch.tensor([one.ids])
        labels = ids.clone()
        labels[:, : one.start] = -100
        with torch.no_grad():
            each.append(model(input_ids=ids, labels=labels).loss.item())
    assert len(each) == 2
    assert done.watched[0] == pytest.approx(sum(each) / len(each), rel=1e-2)


@given(st.lists(st.integers(3, 90), min_size=1, max_size=12), st.integers(1, 200))
def test_passes_have_every_row_once_and_keep_the_budget(lengths: list[int], budget: int) -> None:
    from training.memory import most_at_once
    from training.packing import passes

    rows = [row(*range(1, length + 1)) for length in lengths]
    found = list(passes(rows, budget))
    assert [one for some in found for one in some] == rows
    for some in found:
        tokens = sum(len(one["input_ids"]) for one in some)
        assert tokens <= budget or len(some) == 1
        assert tokens <= most_at_once(lengths, len(lengths), budget)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), min_size=1, max_size=12),
    st.sampled_from([50, 150, 10_000]),
)
def test_rows_that_begin_alike_are_together_and_keep_their_order(
    made: list[tuple[int, int]], most: int
) -> None:
    from training.packing import FILLED_TO, alike, most_alike, packed

    rows = [
        about(range(1000 * key, 1000 * key + 60), *range(9, 12), *range(20, 20 + rest))
        for key, rest in made
    ]
    found = list(alike(rows, most))
    assert [one for some in found for one in some] == rows
    for some in found:
        one = packed(some, len(rows), shares=True)
        ids, kept, shared = one["input_ids"][0], one["kept"], one["shared"]
        assert ids[kept + 1].tolist() == one["wanted"].tolist()
        assert all(r["input_ids"][:shared] == ids[:shared].tolist() for r in some)
        assert shared >= (60 if len(some) > 1 else 0)
        assert len(ids) == shared + sum(one["lengths"]) == len(one["position_ids"][0])
        assert len(ids) < most + FILLED_TO or len(some) == 1
    lengths = [len(packed(some, 1, shares=True)["input_ids"][0]) for some in found]
    assert most_alike(rows, len(rows), most) == max(lengths)
    keys = [some[0]["input_ids"][0] for some in found]
    assert most < 10_000 or all(one != other for one, other in itertools.pairwise(keys))


@given(st.lists(st.integers(3, 90), min_size=1, max_size=12))
def test_pass_asks_for_the_answers_and_is_filled_with_little(lengths: list[int]) -> None:
    from training.packing import FILLED_TO, packed

    rows = [row(*range(1, length + 1), weight=n + 1) for n, length in enumerate(lengths)]
    one = packed(rows, in_step=len(rows))
    ids, kept = one["input_ids"][0], one["kept"]
    assert len(ids) == sum(one["lengths"]) == len(one["position_ids"][0])
    assert len(ids) % FILLED_TO == 0
    assert len(ids) - sum(lengths) < FILLED_TO
    assert one["wanted"].tolist() == [n for r in rows for n in r["labels"] if n != -100]
    assert ids[kept + 1].tolist() == one["wanted"].tolist()
    assert one["share"].sum().item() == pytest.approx(sum(r["weight"] for r in rows) / len(rows))
