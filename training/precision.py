"""Chooses between LoRA and QLoRA, which keeps the base in 4 bits while it trains."""

from typing import TYPE_CHECKING

from serving.memory.plan import COMFORTABLE
from serving.size import SMALL_MODEL, parameters_of

if TYPE_CHECKING:
    from serving.models import ModelFiles

_BYTES = 2  # a weight, in bfloat16


def suits_qlora(base: "ModelFiles") -> bool:
    """Whether the base is better trained in 4 bits, on this machine at this moment.

    A small model is not: it fits anywhere, and is then trained as it is served.
    """
    import torch

    size = parameters_of(base.path)
    if size is not None and size < SMALL_MODEL:
        return False
    if size is None or not torch.cuda.is_available():
        return True
    free, _ = torch.cuda.mem_get_info()
    return size * _BYTES > COMFORTABLE * free
