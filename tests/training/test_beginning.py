import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from domain.errors import TrainingFailed
from serving.models import ModelFiles, load
from tests.training.makers import example
from training.publish import CONFIG, WEIGHTS
from training.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

SMALL = Recipe(r=2, alpha=4, learning_rate=1e-2, epochs=4, batch=2, quantised=False)
LARGE = replace(SMALL, r=4, alpha=8)
ROWS = [example(n) for n in range(4)]


def train(recipe: Recipe, base: ModelFiles, folder: Path, starter: Path | None = None) -> Any:
    from training import qlora  # imports torch and trl, which takes seconds

    return qlora.train(ROWS, recipe, base, folder, starter=starter)


def adapted(base: ModelFiles, recipe: Recipe) -> Any:
    from peft import LoraConfig, get_peft_model

    model, _ = load(base, quantised=False)
    return get_peft_model(
        model, LoraConfig(r=recipe.r, lora_alpha=recipe.alpha, target_modules="all-linear")
    )


def says(model: Any) -> torch.Tensor:
    model.eval()
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=torch.tensor([[5, 6, 7, 8]])).logits
    return logits.float()


@pytest.fixture(scope="module")
def base(tiny: Path) -> ModelFiles:
    return ModelFiles("tiny-phi3", str(tiny))


@pytest.fixture(scope="module")
def starter(base: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter")
    train(SMALL, base, folder)
    return folder


def test_new_adapter_of_twice_the_rank_computes_what_the_starter_does(
    base: ModelFiles, starter: Path
) -> None:
    from peft import PeftModel

    from training.beginning import begin_with

    model, _ = load(base, quantised=False)
    without = says(model)
    of_starter = says(PeftModel.from_pretrained(model, str(starter)))
    new = adapted(base, LARGE)
    begin_with(new, starter)
    assert torch.allclose(says(new), of_starter, atol=1e-4)
    assert not torch.allclose(of_starter, without, atol=1e-2)


@pytest.mark.slow
def test_training_that_begins_with_the_starter_knows_its_rows(
    base: ModelFiles, starter: Path, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    anew = train(LARGE, base, tmp_path / "one")
    begun = train(LARGE, base, tmp_path / "two", starter)
    assert begun.losses[0] < 0.8 * anew.losses[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / WEIGHTS).unlink(),
        lambda folder: (folder / WEIGHTS).write_bytes(b"no weights"),
        lambda folder: (folder / CONFIG).write_text("{"),
        lambda folder: (folder / CONFIG).write_text(json.dumps({"r": 2, "lora_alpha": 2})),
    ],
)
def test_starter_that_cannot_be_used_is_one_line(
    base: ModelFiles, starter: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    from training.beginning import begin_with

    for file in (WEIGHTS, CONFIG):
        (tmp_path / file).write_bytes((starter / file).read_bytes())
    spoil(tmp_path)
    with pytest.raises(TrainingFailed, match="cannot begin with the adapter"):
        begin_with(adapted(base, LARGE), tmp_path)


def test_starter_of_a_greater_rank_does_not_fit(base: ModelFiles, starter: Path) -> None:
    from training.beginning import begin_with

    smaller = replace(SMALL, r=1, alpha=2)
    with pytest.raises(TrainingFailed, match="cannot begin with the adapter"):
        begin_with(adapted(base, smaller), starter)
