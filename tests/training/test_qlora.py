import json
import resource
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

QUICK = Recipe(r=4, alpha=8, learning_rate=1e-2, epochs=4, batch=2, quantised=True)


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


@pytest.mark.slow
def test_training_learns_and_reports_each_step(base: ModelFiles, tmp_path: Path) -> None:
    steps: list[TrainingProgress] = []
    found = train([example(n) for n in range(4)], QUICK, base, tmp_path, steps.append)
    assert [(step.done, step.total) for step in steps] == [(n, 8) for n in range(1, 9)]
    assert sum(found.losses[-2:]) < sum(found.losses[:2]) - 4, found.losses  # of an epoch
    assert found.losses[-1] == steps[-1].loss
    assert (found.rows, found.dropped) == (4, 0)
    assert found.tokens_per_second > 0


@pytest.mark.slow
@pytest.mark.parametrize("quantised", [True, False])
def test_killed_training_goes_on_and_gives_the_same_adapter(
    base: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quantised: bool
) -> None:
    from safetensors.torch import load_file

    def die(step: TrainingProgress) -> None:
        if step.done == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr("training.checkpoints.EVERY", 0.0)
    rows, recipe = [example(n) for n in range(4)], replace(QUICK, quantised=quantised)
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = train(rows, recipe, base, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(rows, recipe, base, tmp_path / "killed", die)
    steps: list[TrainingProgress] = []
    killed = train(rows, recipe, base, tmp_path / "killed", steps.append)

    assert [step.done for step in steps] == [5, 6, 7, 8]
    assert (whole.resumed_at, killed.resumed_at, killed.tokens) == (0, 4, whole.tokens // 2)
    assert killed.losses == pytest.approx(whole.losses, rel=1e-4)
    one, other = (load_file(tmp_path / name / WEIGHTS) for name in ("whole", "killed"))
    assert one.keys() == other.keys()
    assert all(other[name].allclose(one[name], atol=1e-5) for name in one)
    names = {path.name for path in (tmp_path / "killed").iterdir()}
    assert names == {"adapter_config.json", "adapter_model.safetensors"}


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["rows", "recipe"])
def test_killed_training_of_something_else_begins_anew(
    base: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    def die(step: TrainingProgress) -> None:
        if step.done == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("training.checkpoints.EVERY", 0.0)
    rows = [example(n) for n in range(4)]
    with pytest.raises(KeyboardInterrupt):
        train(rows, QUICK, base, tmp_path, die)
    recipe = replace(QUICK, seed=8) if changed == "recipe" else QUICK
    found = train(rows[1:] if changed == "rows" else rows, recipe, base, tmp_path)
    assert found.resumed_at == 0


@pytest.mark.slow
def test_checkpoint_that_was_not_written_to_its_end_is_not_used(
    base: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(step: TrainingProgress) -> None:
        if step.done == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("training.checkpoints.EVERY", 0.0)
    rows = [example(n) for n in range(4)]
    with pytest.raises(KeyboardInterrupt):
        train(rows, QUICK, base, tmp_path, die)
    last = tmp_path / "checkpoints" / "checkpoint-3"
    (last / "complete").unlink()
    (last / "adapter_model.safetensors").write_bytes(b"half")
    assert train(rows, QUICK, base, tmp_path).resumed_at == 2


def test_full_disk_ends_the_training_in_one_line(
    base: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.checkpoints.EVERY", 0.0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(TrainingFailed, match="the disk may be full") as raised:
            train([example(1), example(2)], QUICK, base, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "\n" not in raised.value.public


def test_rows_pull_the_weights_as_much_as_they_count(base: ModelFiles) -> None:
    import torch

    from training.attention import within_rows
    from training.packing import Packer
    from training.rows import dataset, fitting
    from training.trainer import AnswerTrainer

    def gradients(*weights: float) -> torch.Tensor:
        model, tokenizer = load(base)
        for name, parameter in model.named_parameters():
            parameter.requires_grad = "o_proj" in name
        examples = [replace(example(n), weight=weight) for n, weight in enumerate(weights)]
        rows = dataset(fitting(examples, tokenizer, stop_tokens(model, tokenizer), 2048))
        [together] = Packer(10_000)(list(rows))["passes"]
        trainer = AnswerTrainer.__new__(AnswerTrainer)
        with within_rows(model):
            torch.autograd.backward(trainer.compute_loss(model, together))
        return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])

    first, second = gradients(1, 0), gradients(0, 1)
    assert not torch.allclose(first, second, atol=1e-5)
    assert torch.allclose(gradients(1, 1), first + second, atol=1e-5)
    assert torch.allclose(gradients(0.5, 3), 0.5 * first + 3 * second, atol=1e-5)


@pytest.mark.slow
def test_row_without_weight_changes_nothing(base: ModelFiles, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    found = train([replace(example(1), weight=0.0)], replace(QUICK, epochs=1), base, tmp_path)
    assert found.losses == (0.0,)
    weights = load_file(tmp_path / WEIGHTS)
    assert all(not weights[name].any() for name in weights if "lora_B" in name)


def test_what_a_recipe_does_not_say_is_chosen_and_what_it_says_is_kept(base: ModelFiles) -> None:
    from training.qlora import suited

    assert suited(Recipe(), base).quantised is False
    assert suited(Recipe(quantised=True), base).quantised is True


@pytest.mark.slow
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


@pytest.mark.slow
def test_values_that_are_computed_twice_give_the_same_weights(
    base: ModelFiles, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    recipe = replace(QUICK, epochs=1, quantised=False)
    weights = []
    for twice in (False, True):
        folder = tmp_path / str(twice)
        folder.mkdir()
        rows = [example(n) for n in range(4)]
        train(rows, replace(recipe, recomputes=twice), base, folder)
        weights.append(load_file(folder / WEIGHTS))
    once, again = weights
    assert all(again[name].allclose(once[name], atol=1e-6) for name in once)


def test_what_a_step_keeps_is_what_the_memory_plan_says() -> None:
    from transformers import Phi3Config

    from training.memory import kept_bytes

    phi3 = Phi3Config()
    assert (phi3.hidden_size, phi3.intermediate_size, phi3.num_hidden_layers) == (3072, 8192, 32)
    recipe = replace(QUICK, r=16, quantised=True)
    assert kept_bytes(phi3, recipe, 1) / 32 == pytest.approx(146_056, rel=0.01)


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


@pytest.mark.slow
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
    from training.listening import FAILURES

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
