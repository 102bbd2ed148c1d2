from pathlib import Path
from typing import cast

from serving.models import load, resolve


def test_without_a_plan_half_of_the_gpu_memory_stays_free(tiny: Path) -> None:
    import torch

    from serving.manager import batching_manager

    model, tokenizer = load(resolve(str(tiny), tiny), device="cpu")
    network: torch.nn.Module = model
    network.to("meta")  # so that it is not on a CPU
    made = batching_manager(model, [cast(int, tokenizer.eos_token_id)], 4096)
    assert made.continuous_batching_config.max_memory_percent == 0.5


def test_the_plan_decides_how_large_the_cache_is(tiny: Path) -> None:
    from serving.manager import batching_manager

    model, tokenizer = load(resolve(str(tiny), tiny), device="cpu")
    made = batching_manager(model, [cast(int, tokenizer.eos_token_id)], 4096, 8192)
    assert made.continuous_batching_config.num_blocks == 33
    assert made.continuous_batching_config.max_memory_percent == 1.0
