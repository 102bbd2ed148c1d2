"""A training in several processes, each of which computes its share of every step's rows."""

import torch
from torch import distributed
from torch.distributed.tensor import DTensor

from serving.memory.night import NF4

FITS = 0.6
"""The share of a GPU's memory that a whole base may take; the rest is for what a step computes."""

_BFLOAT16 = 2  # bytes


def workers() -> int:
    """How many processes train together; 1 without others."""
    return distributed.get_world_size() if _is_shared() else 1


def agreed(wanted: bool) -> bool:
    """What the first process wants: all must do the same at the same step."""
    if not _is_shared():
        return wanted
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    said = torch.tensor(int(wanted), device=device)
    distributed.broadcast(said, src=0)
    return bool(said.item())


def must_shard(parameters: int | None, *, quantised: bool) -> bool:
    """Whether the processes must share a base of so many parameters: their GPUs are too small."""
    if workers() == 1 or parameters is None or not torch.cuda.is_available():
        return False
    _, card = torch.cuda.mem_get_info()
    return agreed(parameters * (NF4 if quantised else _BFLOAT16) > FITS * card)


def whole_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The weights that are trained; of those that are in parts, all processes give theirs."""
    return {
        name: weight.full_tensor() if isinstance(weight, DTensor) else weight.detach()
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }


def _is_shared() -> bool:
    return bool(distributed.is_available() and distributed.is_initialized())
