"""Checks a LoRA adapter against the model before the model is changed.

An adapter's layers are those that it has weights for. The patterns in its configuration are never
searched with, since a regular expression can take for ever.
"""

from collections.abc import Collection, Iterator, Mapping
from math import sqrt
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn
from transformers import PreTrainedModel

from domain.errors import AdapterUnfit
from serving.adapter_files import WEIGHTS, AdapterFiles, shown

MAX_RANK = 256

LARGEST = 100
"""The largest number that an adapter may contain, scaled; trained ones stay below 1.

With it nothing overflows in any layer. An infinite key would spoil the other answers of its batch,
too.
"""

_PREFIX = "base_model.model."
_A, _B = ".lora_A.weight", ".lora_B.weight"
_HEADER = 2**24  # bytes in front of the tensors
_LARGEST_ALPHA = 2**20

# What changes nothing once the adapter is trained, or is read below.
_KNOWN = frozenset(
    "peft_type task_type r lora_alpha use_rslora target_modules lora_dropout init_lora_weights "
    "base_model_name_or_path inference_mode peft_version revision auto_mapping loftq_config "
    "eva_config corda_config lora_ga_config megatron_core qalora_group_size ensure_weight_tying "
    "runtime_config".split()
)


def most_bytes(model: PreTrainedModel) -> int:
    """The largest file of weights that an adapter of this model can have."""
    layers = _linear_layers(model).values()
    features = sum(layer.in_features + layer.out_features for layer in layers)
    return _HEADER + features * MAX_RANK * torch.float32.itemsize


def fitted(files: AdapterFiles, model: PreTrainedModel) -> dict[str, tuple[Tensor, Tensor]]:
    """The adapter's weights on the model's device: for each layer a [rank, in] and b [rank, out].

    b is scaled. Raises AdapterUnfit, which says why the adapter does not fit.
    """
    rank, scale = _scaled(files.config)
    layers = _linear_layers(model)
    targets = _targets(files.config, layers)
    tensors = _tensors(files.weights)
    if alien := next((key for key in tensors if _layer(key) not in layers), None):
        raise AdapterUnfit(f"The model has no layer for {shown(alien)}.")
    if lacking := sorted(targets - {_layer(key) for key in tensors}):
        raise AdapterUnfit(f"It lacks the weights of {lacking[0]}.")
    if stray := sorted({_layer(key) for key in tensors} - targets):
        raise AdapterUnfit(f"It has weights of {stray[0]}, which is no layer that it targets.")
    found = {}
    for name in sorted(targets):
        a, b = (tensors.get(f"{_PREFIX}{name}{half}") for half in (_A, _B))
        if a is None or b is None:
            raise AdapterUnfit(f"One half of the weights of {name} is missing.")
        layer = layers[name]
        _check_shape(name, a, (rank, layer.in_features))
        _check_shape(name, b, (layer.out_features, rank))
        found[name] = (
            _placed(name, a.float(), model),
            _placed(name, b.float().T * scale, model),
        )
    return found


def _scaled(config: Mapping[str, Any]) -> tuple[int, float]:
    """The rank, and what the product of the halves is multiplied by."""
    if config.get("peft_type") != "LORA":
        raise AdapterUnfit("It is not a LoRA adapter.")
    for option, value in config.items():
        if value and option not in _KNOWN and (option, value) != ("bias", "none"):
            raise AdapterUnfit(
                f"The adapter uses {shown(option)}, which this server does not support."
            )
    rank: Any = config.get("r")
    alpha: Any = config.get("lora_alpha")
    if type(rank) is not int or not 1 <= rank <= MAX_RANK:
        raise AdapterUnfit(
            f"The adapter has rank {shown(rank, 20)}; ranks 1 to {MAX_RANK} are supported."
        )
    if type(alpha) not in (int, float) or not 0 < alpha <= _LARGEST_ALPHA:
        raise AdapterUnfit(f"lora_alpha is {shown(alpha, 20)}, which cannot be right.")
    return rank, alpha / (sqrt(rank) if config.get("use_rslora") else rank)


def _targets(config: Mapping[str, Any], layers: Collection[str]) -> set[str]:
    """The layers that the adapter changes, by the ends of their names."""
    named = config.get("target_modules")
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        raise AdapterUnfit("target_modules must be a list of names of layers.")
    ends: dict[str, set[str]] = {}
    for layer in layers:
        for end in _ends(layer):
            ends.setdefault(end, set()).add(layer)
    if unknown := next((name for name in named if name not in ends), None):
        raise AdapterUnfit(f"The model has no layer {shown(unknown)} for an adapter.")
    found = set().union(*(ends[name] for name in named))
    if not found:
        raise AdapterUnfit("target_modules names no layer.")
    return found


def _ends(name: str) -> Iterator[str]:
    yield name
    while "." in name:
        name = name.partition(".")[2]
        yield name


def _tensors(content: bytes) -> dict[str, Tensor]:
    try:
        tensors = load(content)
    # KeyError: a kind of number that torch does not have.
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as e:
        raise AdapterUnfit(f"{WEIGHTS} cannot be read.", str(e)) from e
    if not tensors:
        raise AdapterUnfit(f"{WEIGHTS} is empty.")
    return tensors


def _check_shape(name: str, tensor: Tensor, expected: tuple[int, int]) -> None:
    if not tensor.is_floating_point():
        raise AdapterUnfit(f"The weights of {name} are {tensor.dtype}.")
    if tuple(tensor.shape) != expected:
        raise AdapterUnfit(
            f"The weights of {name} are {tuple(tensor.shape)}; by the model and the rank they "
            f"must be {expected}."
        )


def _placed(name: str, tensor: Tensor, model: PreTrainedModel) -> Tensor:
    """In the model's precision, so that no layer has to convert anything for each token."""
    largest = tensor.abs().max().item()
    if not largest <= LARGEST:  # also if it is not a number
        raise AdapterUnfit(
            f"The weights of {name} contain {largest}: that is not the result of a training."
        )
    return tensor.contiguous().to(model.device, model.dtype)


def _layer(key: str) -> str:
    """The layer's name in a tensor's key; empty if it is the key of no half of an adapter."""
    if not key.startswith(_PREFIX) or not key.endswith((_A, _B)):
        return ""
    return key.removeprefix(_PREFIX).removesuffix(_A).removesuffix(_B)


def _linear_layers(model: PreTrainedModel) -> dict[str, nn.Linear]:
    """Those that see every token: all but the last, which only sees the tokens that are needed."""
    last: nn.Module = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and module is not last
    }
