import json
from pathlib import Path
from typing import Any

import pytest

from serving.default_model import SMOLLM2
from serving.models import ModelFiles, load
from training.precision import suits_qlora

GB = 1_000_000_000


@pytest.fixture
def phi3(tmp_path: Path) -> ModelFiles:
    """A folder that says that it is Phi-3-mini; it has no weights."""
    from transformers import Phi3Config

    (tmp_path / "config.json").write_text(json.dumps(Phi3Config().to_dict()))
    return ModelFiles("phi3", str(tmp_path))


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)


def gpu(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (free, 2 * free))


def test_small_model_is_trained_as_it_is_served(tiny: Path) -> None:
    assert not suits_qlora(ModelFiles(SMOLLM2, SMOLLM2))
    assert not suits_qlora(ModelFiles("tiny", str(tiny)))


def test_large_model_is_kept_in_4_bits_on_a_cpu(phi3: ModelFiles) -> None:
    assert suits_qlora(phi3)


@pytest.mark.parametrize(("free", "quantised"), [(9, True), (22, True), (39, False), (65, False)])
def test_large_model_is_kept_in_4_bits_unless_the_gpu_has_four_times_its_memory_free(
    phi3: ModelFiles, monkeypatch: pytest.MonkeyPatch, free: int, quantised: bool
) -> None:
    gpu(monkeypatch, free * GB)
    assert suits_qlora(phi3) is quantised


def test_model_of_unknown_size_is_kept_in_4_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu(monkeypatch, 1000 * GB)
    assert suits_qlora(ModelFiles("unknown", str(tmp_path)))


def test_narrow_layers_compute_what_autocast_computes_with_wide_ones(tiny: Path) -> None:
    import torch

    from training.precision import narrow

    model, _ = load(ModelFiles("tiny", str(tiny)))
    ids = torch.tensor([list(range(30, 90))])

    def computed() -> torch.Tensor:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            found: torch.Tensor = model(input_ids=ids).logits
        return found

    before, size = computed(), memory_of(model)
    narrow(model)
    assert torch.equal(computed(), before)
    linear = 2 * (4 * 64 * 64 - 2 * 64 * 32 + 3 * 64 * 128)  # keys and values are half as wide
    assert memory_of(model) == size - 2 * linear


def memory_of(model: Any) -> int:
    return sum(weight.numel() * weight.element_size() for weight in model.parameters())
