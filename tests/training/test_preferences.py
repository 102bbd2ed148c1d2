"""What people preferred moves the adapter; see also test_preference_rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.adapters import Example, Origin
from serving.models import ModelFiles, load, stop_tokens
from tests.training.makers import example, place_of
from training.progress import TrainingProgress
from training.publish import WEIGHTS
from training.recipe import Recipe

if TYPE_CHECKING:
    from training.qlora import Trained
    from training.recipe import Method

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

QUICK = Recipe(r=4, alpha=8, learning_rate=1e-2, epochs=1, batch=2, quantised=False)

CORRECTED = [
    replace(example(n), rejected=f"It lies in the {place_of(n + 1)}.", by=("U1",)) for n in range(8)
]
LIKED = [example(n, Origin.THUMB_UP) for n in range(8, 16)]


def train(
    rows: Sequence[Example], method: "Method", base: ModelFiles, folder: Path, *more: Any
) -> "Trained":
    from training import qlora  # imports torch and trl, which takes seconds

    folder.mkdir(exist_ok=True)
    return qlora.train(rows, replace(QUICK, preferences=method), base, folder, *more)


def margin(base: ModelFiles, folder: Path, rows: Sequence[Example]) -> float:
    """By how much the corrections are more probable than what they correct, as logarithms."""
    import torch
    from peft import PeftModel

    from training.rows import tokenised

    model, tokenizer = load(base, quantised=False)
    tuned: Any = PeftModel.from_pretrained(model, str(folder)).eval()

    def probability(row: Example) -> float:
        found = tokenised(row, tokenizer, stop_tokens(model, tokenizer))
        ids = torch.tensor([found.ids])
        with torch.no_grad():
            each = tuned(input_ids=ids).logits.float().log_softmax(-1)[0, :-1]
        said = each.gather(1, ids[0, 1:, None]).squeeze(1)
        return float(said[found.start - 1 :].sum())

    return sum(
        probability(row) - probability(replace(row, completion=row.rejected)) for row in rows
    ) / len(rows)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def eight_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.preference_rows.FEWEST", 8)


@pytest.fixture
def base(tiny: Path) -> ModelFiles:
    return ModelFiles("tiny-phi3", str(tiny))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_corrections_become_more_probable_than_what_they_corrected(
    base: ModelFiles, tmp_path: Path, method: "Method"
) -> None:
    rows = [*CORRECTED, *LIKED]
    train(rows, "off", base, tmp_path / "without")
    found = train(rows, method, base, tmp_path / "with")
    without, then = (margin(base, tmp_path / name, CORRECTED) for name in ("without", "with"))
    assert then > without + 0.05
    assert found.preferences.startswith(f"{method.upper()}: 8 ")
    names = {path.name for path in (tmp_path / "with").iterdir()}
    assert names == {"adapter_config.json", "adapter_model.safetensors"}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dpo", "kto"])
@pytest.mark.parametrize("killed_in", ["Training", "Preferences"])
def test_killed_stage_goes_on_and_gives_the_same_adapter(
    base: ModelFiles,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: "Method",
    killed_in: str,
) -> None:
    from safetensors.torch import load_file

    def die(step: TrainingProgress) -> None:
        if (step.stage, step.done) == (killed_in, 2):
            raise KeyboardInterrupt

    monkeypatch.setattr("training.checkpoints.EVERY", 0.0)
    rows = [*CORRECTED, *LIKED]
    train(rows, method, base, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(rows, method, base, tmp_path / "killed", die)
    steps: list[tuple[str, int]] = []
    train(
        rows,
        method,
        base,
        tmp_path / "killed",
        lambda step: steps.append((step.stage, step.done)),
    )
    assert steps[0] == (killed_in, 2)
    one, other = (load_file(tmp_path / name / WEIGHTS) for name in ("whole", "killed"))
    assert one.keys() == other.keys()
    assert all(other[name].allclose(one[name], atol=1e-5) for name in one)


@pytest.mark.slow
def test_quantised_base_learns_preferences_too(base: ModelFiles, tmp_path: Path) -> None:
    from training import qlora

    recipe = replace(QUICK, quantised=True, preferences="dpo")
    found = qlora.train(CORRECTED, recipe, base, tmp_path)
    assert "the good ones gained +" in found.preferences


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_with_too_few_the_stage_is_skipped_and_told(
    base: ModelFiles, tmp_path: Path, method: "Method"
) -> None:
    rows = [*CORRECTED[:7], *LIKED]
    train(rows, "off", base, tmp_path / "without")
    found = train(rows, method, base, tmp_path / "with")
    assert "7 corrected answers; it needs 8" in found.preferences
    assert "it is skipped" in found.preferences
    one, other = ((tmp_path / name / WEIGHTS).read_bytes() for name in ("without", "with"))
    assert one == other


@pytest.mark.slow
def test_pair_of_which_an_answer_is_too_long_is_no_pair(base: ModelFiles, tmp_path: Path) -> None:
    rows = [*CORRECTED[:7], replace(CORRECTED[7], rejected="bell " * 4000)]
    found = train(rows, "dpo", base, tmp_path)
    assert "7 corrected answers; it needs 8" in found.preferences
