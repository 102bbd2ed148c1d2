import pytest

from serving import default_model as chosen
from serving.default_model import PHI3, SMOLLM2, default_model


@pytest.mark.slow
def test_the_default_is_phi3_on_a_gpu_and_smollm2_without() -> None:
    import torch

    assert default_model() == (PHI3 if torch.cuda.is_available() else SMOLLM2)


def test_without_the_driver_of_gpus_it_is_smollm2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "_DRIVER", "no-such-library.so")
    assert default_model() == SMOLLM2


def test_with_a_torch_that_only_computes_on_cpus_it_is_smollm2(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chosen, "_gpus", lambda: 1)
    monkeypatch.setattr(chosen, "version", lambda _: "2.15.0+cpu")
    assert default_model() == SMOLLM2
    monkeypatch.setattr(chosen, "version", lambda _: "2.15.0")
    assert default_model() == PHI3
