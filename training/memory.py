"""How much memory a step of a training takes on a GPU."""

from collections.abc import Sequence

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from training.rows import Row

USABLE = 0.7
"""The share of free memory that a step's values may take; gradients and logits need some too."""


def activation_bytes(config: PreTrainedConfig, tokens: int) -> int:
    """About how much memory the values take that a step on ``tokens`` keeps for its gradients.

    A layer keeps some eight values of the hidden size and six of the intermediate size: measured
    were 146,056 bytes a token and layer of Phi-3.5-mini in bfloat16, which this gives too.
    """
    each: int = 8 * config.hidden_size + 6 * config.intermediate_size
    layers: int = config.num_hidden_layers
    return 2 * layers * each * tokens


def must_recompute(model: PreTrainedModel, rows: Sequence[Row], together: int) -> bool:
    """Whether a step does not fit into the GPU's free memory, unless values are computed twice."""
    if model.device.type != "cuda":
        return False
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(model.device)
    longest = max(len(row.ids) for row in rows)
    return activation_bytes(model.config, together * longest) > USABLE * free
