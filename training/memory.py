"""How much memory a step of a training takes, and what is done where there is little."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from serving.memory.night import Training, night_needs
from serving.memory.sizes import sizes
from training.recipe import Recipe

USABLE = 0.7
"""The share of free memory that a step's values may take; gradients and logits need some too."""

PLENTY = 2
"""Where so many times what a step needs is free, freed memory is kept for the next step."""

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_GIVEN_BACK = 256 * 1024  # bytes
_MACHINE = Path("/proc/meminfo")
_CONTAINER = Path("/sys/fs/cgroup")


def give_back_if_short(model: PreTrainedModel, recipe: Recipe, tokens: int) -> None:
    """Lets the C library keep freed memory only if that is plentiful for steps on ``tokens``.

    It is twice as fast if it does: what was given back must be got again, page by page. Sixteen
    starter rows took SmolLM2 31 s so, and else 58 s (two cores, 28 November 2026).
    """
    training = Training(None if recipe.quantised else 2, 2, recipe.r)
    found = sizes(model.config.to_dict())
    needs = night_needs(found, training, tokens=tokens, recomputes=False, process=0)
    if available() < PLENTY * (needs.total - needs.weights):
        give_back_at_once()


def give_back_at_once() -> None:
    """Lets the C library give back each freed tensor of some size, where it is glibc.

    It keeps those of other sizes than are needed next else: up to a third more in a whole process.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _GIVEN_BACK)


def available(machine: Path = _MACHINE, container: Path = _CONTAINER) -> int:
    """Bytes that the machine, and the container (cgroup v2), still have; 0 if neither says so."""
    found = []
    with suppress(OSError, ValueError, StopIteration):
        lines = machine.read_text("ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        found.append(int(line.split()[1]) * 1024)
    with suppress(OSError, ValueError):
        most, used = (
            int((container / name).read_text("ascii")) for name in ("memory.max", "memory.current")
        )
        found.append(most - used)
    return min(found, default=0)


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
