"""How much memory a step of a training takes on a GPU."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from serving.memory.night import Training, night_needs
from serving.memory.sizes import sizes
from training.recipe import Recipe

USABLE = 0.7
"""The share of free memory that a step's values may take; gradients and logits need some too."""

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_GIVEN_BACK = 256 * 1024  # bytes


def give_back_at_once() -> None:
    """Lets the C library give back each freed tensor of some size, where it is glibc.

    It keeps smaller ones than some megabytes else, and a step's are of all sizes: the process had
    0.18 GB more than this in a step of SmolLM2 on 576 tokens that needs 0.94 GB.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _GIVEN_BACK)


def kept_bytes(config: PreTrainedConfig, recipe: Recipe, tokens: int) -> int:
    """What a step on ``tokens`` tokens keeps on a GPU for its gradients, by the memory plan."""
    training = Training(None if recipe.quantised else 2, 2, recipe.r)
    found = sizes(config.to_dict())
    return night_needs(found, training, tokens=tokens, recomputes=False, process=0).activations


def must_recompute(model: PreTrainedModel, recipe: Recipe, tokens: int) -> bool:
    """Whether what a step on ``tokens`` tokens keeps does not fit into a GPU's free memory."""
    if model.device.type != "cuda":
        return False
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(model.device)
    return kept_bytes(model.config, recipe, tokens) > USABLE * free


def most_at_once(lengths: Sequence[int], batch: int, tokens: int) -> int:
    """The most tokens of one pass, of steps of ``batch`` rows with these lengths.

    A pass has at most ``tokens`` tokens, or a single row (see `training.packing`).
    """
    longest = sorted(lengths, reverse=True)
    return max(longest[0], min(tokens, sum(longest[:batch])))
