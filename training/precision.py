"""How wide the base's weights are in memory while an adapter is trained on it.

LoRA keeps them as they are computed with, QLoRA in 4 bits.
"""

from typing import TYPE_CHECKING, cast

from serving.memory.plan import COMFORTABLE
from serving.size import SMALL_MODEL, parameters_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

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


def narrow(model: "PreTrainedModel") -> None:
    """Keeps the weights of the linear layers in bfloat16, for a training that computes in it.

    Torch's autocast makes such a copy for each pass, and keeps it besides the weights. So nothing
    that is computed changes, and of SmolLM2 400 MB less are in memory. The output layer stays as it
    is, since it can be the embeddings too, and these are not computed in bfloat16.
    """
    import torch

    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    for layer in cast(torch.nn.Module, model).modules():
        if isinstance(layer, torch.nn.Linear) and layer is not head:
            layer.weight.data = layer.weight.data.to(torch.bfloat16)
