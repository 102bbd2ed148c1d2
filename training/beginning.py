"""Lets a training begin with the starter adapter's weights instead of new ones.

Each night still begins at the same place, which no night changes, so nights are never stacked. A
night has a tenth of the starter's rows: without its weights it would first have to learn again what
the starter can do.
"""

import json
from pathlib import Path

import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file

from domain.errors import TrainingFailed
from training.publish import CONFIG, WEIGHTS

_A, _B = ".lora_A.", ".lora_B."


@torch.no_grad()
def begin_with(model: PeftModel, starter: Path) -> None:
    """Copies the weights of the adapter in the folder ``starter`` into ``model``'s new adapter.

    The new adapter may have a greater rank. At first it computes the same, and all its weights can
    be trained. Raises TrainingFailed if the starter's files cannot be read or do not fit.
    """
    wanted = {
        name.replace(".default.", "."): weight
        for name, weight in model.named_parameters()
        if _A in name or _B in name
    }
    try:
        found = load_file(starter / WEIGHTS)
        config = json.loads((starter / CONFIG).read_text("utf-8"))
        _check(found.keys() == wanted.keys(), "it has other layers")
        # What an adapter adds is scaled by alpha / r.
        own = model.peft_config["default"]
        same_scale = config["lora_alpha"] * own.r == own.lora_alpha * config["r"]
        _check(same_scale, "it is scaled otherwise")
        for name, weight in wanted.items():
            _copy(found[name], weight, is_second=_B in name)
    except (OSError, SafetensorError, ValueError, KeyError, RuntimeError) as e:
        raise TrainingFailed(
            f"The training cannot begin with the adapter {starter.name}.", f"{starter}: {e}"
        ) from e


def _check(fits: bool, what: str) -> None:
    if not fits:
        raise ValueError(what)


def _copy(source: torch.Tensor, target: torch.Tensor, *, is_second: bool) -> None:
    """The first matrix is (rank, in) wide and the second (out, rank); what is added stays 0."""
    rank = source.shape[1] if is_second else source.shape[0]
    (target[:, :rank] if is_second else target[:rank]).copy_(source)
    if is_second:
        target[:, rank:] = 0
