"""Chooses between LoRA and QLoRA, which keeps the base in 4 bits while it trains."""

from typing import TYPE_CHECKING

from serving.size import SMALL_MODEL, parameters_of

if TYPE_CHECKING:
    from serving.models import ModelFiles

COMFORTABLE = 0.25
"""LoRA suits if the base's weights take at most this share of the GPU's free memory.

The rest is for what a step computes: with a model of Phi-3.5-mini's size LoRA took 24.4 GB at its
peak, of which the weights were 7.6, and was 1.36 times as fast as QLoRA (docs/gpu.md).
"""

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
