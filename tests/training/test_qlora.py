import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.errors import DatasetInvalid, TrainingFailed
from domain.questions import Message
from serving.models import ModelFiles, load, stop_tokens
from tests.training.makers import example
from training.progress import TrainingProgress
from training.publish import WEIGHTS
from training.recipe import Recipe

if TYPE_CHECKING:
    from training.qlora import Trained

QUICK = Recipe(r=4, alpha=8, learning_rate=1e-2, epochs=4, batch=2)


def train(*arguments: Any) -> "Trained":
    from training import qlora  # imports torch and trl, which takes seconds

    return qlora.train(*arguments)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def base(tiny: Path) -> ModelFiles:
    return ModelFiles("tiny-phi3", str(tiny))


def test_training_learns_and_reports_each_step(base: ModelFiles, tmp_path: Path) -> None:
    steps: list[TrainingProgress] = []
    found = train([example(n) for n in range(4)], QUICK, base, tmp_path, steps.append)
    assert [(step.done, step.total) for step in steps] == [(n, 8) for n in range(1, 9)]
    assert found.losses[-1] < found.losses[0] / 2
    assert found.losses[-1] == steps[-1].loss
    assert (found.rows, found.dropped) == (4, 0)
    assert found.tokens_per_second > 0


def test_only_the_adapters_own_files_are_written(base: ModelFiles, tmp_path: Path) -> None:
    train([example(1)], replace(QUICK, epochs=1), base, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"adapter_config.json", "adapter_model.safetensors"}
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"]) == (4, 8)


@pytest.mark.slow
def test_every_linear_layer_of_fused_phi3_is_trained(base: ModelFiles, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    found = train([example(1)], replace(QUICK, epochs=1), base, tmp_path)
    names = {name.split(".")[-3] for name in load_file(tmp_path / WEIGHTS)}
    assert names == {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}
    # two layers: 64 → 128 (q, k, v), 64 → 64, 64 → 256 (gate, up), 128 → 64
    assert found.trainable == 2 * 4 * ((64 + 128) + (64 + 64) + (64 + 256) + (128 + 64))


def test_layers_that_are_not_trained_are_detected(
    base: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peft import LoraConfig

    monkeypatch.setattr(
        "training.qlora.LoraConfig",
        lambda target_modules, **options: LoraConfig(target_modules=["o_proj"], **options),
    )
    with pytest.raises(TrainingFailed, match="all linear layers have"):
        train([example(1)], QUICK, base, tmp_path)


@pytest.mark.slow
def test_same_seed_gives_the_same_weights(base: ModelFiles, tmp_path: Path) -> None:
    rows = [example(n) for n in range(3)]
    weights = []
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        (tmp_path / name).mkdir()
        train(rows, replace(QUICK, epochs=1, seed=seed), base, tmp_path / name)
        weights.append((tmp_path / name / WEIGHTS).read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_values_that_are_computed_twice_give_the_same_weights(
    base: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file

    recipe = replace(QUICK, epochs=1, quantised=False)
    weights = []
    for twice in (False, True):
        monkeypatch.setattr("training.qlora._must_recompute", lambda *_, twice=twice: twice)
        folder = tmp_path / str(twice)
        folder.mkdir()
        train([example(n) for n in range(4)], recipe, base, folder)
        weights.append(load_file(folder / WEIGHTS))
    once, again = weights
    assert all(again[name].allclose(once[name], atol=1e-6) for name in once)


def test_the_memory_of_a_steps_values_is_about_what_was_measured() -> None:
    from transformers import Phi3Config

    from training.qlora import activation_bytes

    phi3 = Phi3Config()
    assert (phi3.hidden_size, phi3.intermediate_size, phi3.num_hidden_layers) == (3072, 8192, 32)
    assert activation_bytes(phi3, 1) / 32 == pytest.approx(146_056, rel=0.02)


def test_row_is_the_served_prompt_and_the_answer_up_to_its_end(base: ModelFiles) -> None:
    from transformers import BatchEncoding

    from training.rows import tokenised

    model, tokenizer = load(base)
    one = example(1)
    row = tokenised(one, tokenizer, stop_tokens(model, tokenizer))
    served = tokenizer.apply_chat_template(
        [{"role": turn.role, "content": turn.content} for turn in one.prompt],
        add_generation_prompt=True,
        return_dict=True,
    )
    assert isinstance(served, BatchEncoding)
    assert list(row.ids[: row.start]) == served["input_ids"]
    assert tokenizer.decode(list(row.ids[row.start :])) == f"{one.completion}<|end|>"


def test_rows_that_do_not_fit_are_dropped_and_counted(base: ModelFiles, tmp_path: Path) -> None:
    rows = [example(1), replace(example(2), prompt=(Message("user", "bell " * 4000),))]
    found = train(rows, replace(QUICK, epochs=1), base, tmp_path)
    assert (found.rows, found.dropped) == (1, 1)


def test_training_without_a_row_that_fits_is_refused(base: ModelFiles, tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="fits into 9 tokens"):
        train([example(1)], replace(QUICK, max_length=9), base, tmp_path)


def test_loss_that_is_not_a_number_fails(base: ModelFiles, tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="not a number"):
        train([example(1)], replace(QUICK, learning_rate=1e30), base, tmp_path)


def test_error_of_the_listener_ends_the_training_unchanged(
    base: ModelFiles, tmp_path: Path
) -> None:
    def stop(_: TrainingProgress) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        train([example(1)], QUICK, base, tmp_path, stop)


def test_every_exception_of_the_libraries_is_translated() -> None:
    from training.qlora import FAILURES

    caught = (*FAILURES, MemoryError, Warning)
    leaks = {
        f"{found.__module__}.{found.__qualname__}"
        for found in _below(Exception)
        if f"{found.__module__}.".startswith(_LIBRARIES) and not issubclass(found, caught)
    }
    assert leaks <= {"accelerate.utils.operations.DistributedOperationException"}  # one process


_LIBRARIES = tuple(
    "accelerate. bitsandbytes. datasets.exceptions. jinja2.exceptions. peft. trl. safetensors. "
    "safetensors_rust. transformers.trainer transformers.modeling".split()
)


def _below(root: type[BaseException]) -> Iterator[type[BaseException]]:
    for found in root.__subclasses__():
        yield found
        yield from _below(found)


@pytest.mark.slow
@pytest.mark.timeout(900)  # alone it takes three minutes
def test_smollm2_trains_real_prompts_in_less_than_4_gib(smollm2_home: Path, tmp_path: Path) -> None:
    # In its own process, whose peak memory is that of the training.
    measured = subprocess.run(
        [sys.executable, "-m", "tests.training.measured", str(smollm2_home), str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(measured.stdout.splitlines()[-1])
    assert found["longest"] >= 800
    assert found["dropped"] == 0
    assert found["peak_gb"] < 4.295  # 4 GiB; it differs by 0.2 from run to run
    assert found["last"] < found["first"]
