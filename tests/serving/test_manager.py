from pathlib import Path
from typing import cast

from serving.models import load, resolve


def test_the_night_finds_half_of_the_gpu_memory_free(tiny: Path) -> None:
    import torch

    from serving.manager import batching_manager

    model, tokenizer = load(resolve(str(tiny), tiny), device="cpu")
    network: torch.nn.Module = model
    network.to("meta")  # so that it is not on a CPU
    made = batching_manager(model, [cast(int, tokenizer.eos_token_id)], 4096, None)
    assert made.continuous_batching_config.max_memory_percent == 0.5
