"""How much memory a step of a training takes on a GPU."""

from collections.abc import Sequence

import torch
from transformers import PreTrainedConfig, PreTrainedModel

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


def must_recompute(model: PreTrainedModel, tokens: int) -> bool:
    """Whether the values of ``tokens`` tokens do not fit into the free memory of a GPU."""
    if model.device.type != "cuda":
        return False
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(model.device)
    return activation_bytes(model.config, tokens) > USABLE * free


def most_at_once(lengths: Sequence[int], batch: int, tokens: int) -> int:
    """The most tokens of one pass, of steps of ``batch`` rows with these lengths.

    A pass has at most ``tokens`` tokens, or a single row (see `training.packing`).
    """
    longest = sorted(lengths, reverse=True)
    return max(longest[0], min(tokens, sum(longest[:batch])))
