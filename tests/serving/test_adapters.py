"""Adapters that do not fit are refused, and the model does not change."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from domain.errors import AdapterNotLoaded
from tests.lora import build_adapter, write_config, write_manifest
from tests.serving.asking import LONG, answer
from tests.serving.conftest import TINY, Running
from tests.tiny_phi3 import build_tiny_phi3

if TYPE_CHECKING:  # takes seconds to import
    import torch

WEIGHTS = "adapter_model.safetensors"
KEY = "base_model.model.model.layers.0.self_attn.o_proj.lora_A.weight"


def no_weights(folder: Path) -> None:
    (folder / WEIGHTS).unlink()


def broken_weights(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"no tensors at all")


def no_config(folder: Path) -> None:
    (folder / "adapter_config.json").unlink()


def another_method(folder: Path) -> None:
    write_config(folder, peft_type="IA3", target_modules=["o_proj"])


def another_rank(folder: Path) -> None:
    write_config(folder, r=16, target_modules=["o_proj"])


def far_too_high_a_rank(folder: Path) -> None:
    write_config(folder, r=100_000, target_modules=["o_proj"])


def weight_decomposition(folder: Path) -> None:
    write_config(folder, use_dora=True, target_modules=["o_proj"])


def an_untrained_target(folder: Path) -> None:
    write_config(folder, target_modules=["o_proj", "lm_head"])


def change(folder: Path, edit: "Callable[[dict[str, torch.Tensor]], object]") -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / WEIGHTS)
    edit(tensors)
    save_file(tensors, folder / WEIGHTS)


def a_missing_half(folder: Path) -> None:
    change(folder, lambda tensors: tensors.pop(KEY))


def a_wrong_shape(folder: Path) -> None:
    change(folder, lambda tensors: tensors.update({KEY: tensors[KEY].new_zeros(4, 32)}))


def an_unknown_layer(folder: Path) -> None:
    change(
        folder,
        lambda tensors: tensors.update({KEY.replace("o_proj", "x_proj"): tensors[KEY].clone()}),
    )


def no_numbers(folder: Path) -> None:
    change(folder, lambda tensors: tensors[KEY].fill_(math.nan))


def another_name(folder: Path) -> None:
    write_manifest(folder, TINY, name="somebody-else")


def another_base(folder: Path) -> None:
    write_manifest(folder, "microsoft/Phi-3.5-mini-instruct")


def tampered_weights(folder: Path) -> None:
    write_manifest(folder, TINY)
    change(folder, lambda tensors: tensors[KEY].add_(1))


def state_of(server: Running) -> tuple[object, ...]:
    """What is loaded, and how the base model and an adapter answer."""
    answers = (answer(server.client, adapter=name, max_tokens=6) for name in (None, "red"))
    return server.client.models(), *answers


BAD = [
    (no_weights, "is missing"),
    (broken_weights, "cannot be read"),
    (no_config, "cannot be read"),
    (another_method, "is not a LoRA adapter"),
    (another_rank, "does not fit rank 16"),
    (far_too_high_a_rank, "rank 100000"),
    (weight_decomposition, "use_dora"),
    (an_untrained_target, "lacks the weights of lm_head"),
    (a_missing_half, "does not fit rank 4"),
    (a_wrong_shape, "the model needs"),
    (an_unknown_layer, "has no layer for"),
    (no_numbers, "not numbers"),
    (another_name, "is the adapter somebody-else"),
    (another_base, r"was trained on microsoft/Phi-3\.5-mini-instruct"),
    (tampered_weights, "not those of its manifest"),
]


@pytest.fixture(scope="module")
def good(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_adapter(tmp_path_factory.mktemp("good") / "bad", tiny)


@pytest.fixture(scope="module")
def before(server: Running) -> tuple[object, ...]:
    return state_of(server)


@pytest.mark.parametrize(("spoil", "reason"), BAD, ids=[spoil.__name__ for spoil, _ in BAD])
def test_an_adapter_that_does_not_fit_is_refused_and_nothing_changes(
    spoil: Callable[[Path], None],
    reason: str,
    server: Running,
    before: tuple[object, ...],
    good: Path,
    tmp_path: Path,
) -> None:
    bad = copytree(good, tmp_path / "bad")
    spoil(bad)

    with pytest.raises(AdapterNotLoaded, match=reason):
        server.client.load_adapter("bad", str(bad))

    assert state_of(server) == before


def test_an_adapter_of_another_model_is_refused(server: Running, tmp_path: Path) -> None:
    other = build_tiny_phi3(tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"hidden_size": 32}))
    build_adapter(tmp_path / "bad", other)

    with pytest.raises(AdapterNotLoaded, match="the model needs"):
        server.client.load_adapter("bad", str(tmp_path / "bad"))


def test_loading_the_same_adapter_again_does_nothing(server: Running, adapters: Path) -> None:
    server.client.load_adapter("red", str(adapters / "red"))

    assert server.client.models() == (TINY, "red", "blue")


def test_the_adapter_of_a_name_cannot_be_replaced(
    server: Running, adapters: Path, tmp_path: Path
) -> None:
    copytree(adapters / "red", tmp_path / "red")

    with pytest.raises(AdapterNotLoaded, match="cannot be replaced"):
        server.client.load_adapter("red", str(tmp_path / "red"))


def test_the_base_models_name_is_refused(server: Running, adapters: Path) -> None:
    with pytest.raises(AdapterNotLoaded, match="name of the base model"):
        server.client.load_adapter(TINY, str(adapters / "red"))


def test_adapters_of_different_ranks_can_be_loaded_together(server: Running) -> None:
    answers = [answer(server.client, LONG, adapter) for adapter in (None, "red", "blue")]

    assert len(set(answers)) == 3
