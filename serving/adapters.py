"""Reads LoRA adapters from folders, checks them against the model, attaches and switches them.

A folder is checked completely before the model is changed, so a bad one changes nothing.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any, cast

import torch
from peft import LoraConfig
from peft.functional import (
    delete_adapter,
    inject_adapter_in_model,
    set_peft_model_state_dict,
)
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import PreTrainedModel

from domain.errors import AdapterNotLoaded

WEIGHTS = "adapter_model.safetensors"
MAX_RANK = 256

_PREFIX = "base_model.model."
_A, _B = ".lora_A.weight", ".lora_B.weight"

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class AdapterFiles:
    """An adapter that fits the model: its configuration, and its tensors on the model's device."""

    config: LoraConfig
    tensors: Tensors


def read(folder: Path, name: str, model: PreTrainedModel, base: str) -> AdapterFiles:
    """Reads the adapter in ``folder`` and checks it against ``model``, whose name is ``base``.

    Raises AdapterNotLoaded, which says what is wrong with the folder.
    """
    if not (folder / WEIGHTS).is_file():
        raise AdapterNotLoaded(f"The folder holds no adapter: {WEIGHTS} is missing.", str(folder))
    _check_manifest(folder, name, base)
    config = _config(folder)
    try:
        tensors = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as e:
        raise AdapterNotLoaded(f"{WEIGHTS} cannot be read.", f"{folder}: {e}") from e
    _check_tensors(folder, config, tensors, model)
    # In the model's precision, so that no layer has to convert anything for each token.
    placed = {
        key.removeprefix(_PREFIX): tensor.to(model.device, model.dtype)
        for key, tensor in tensors.items()
    }
    return AdapterFiles(config, placed)


class AdapterPool:
    """The adapters that are attached to a model; at most one of them is switched on.

    Its caller must make sure that the model computes nothing during a call. It uses PEFT's
    functions, since transformers' ``load_adapter`` reports the weights of adapters that are already
    attached as missing.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model
        self._slots: dict[str, str] = {}
        self._count = 0
        self._on: str | None = None

    def attach(self, name: str, files: AdapterFiles) -> None:
        """Adds an adapter, switched off; the active one stays. Raises AdapterNotLoaded."""
        # PEFT makes module names from an adapter's name, so it gets a safe name instead.
        slot = f"slot_{self._count}"
        self._count += 1
        try:
            self._insert(slot, files)
        except (ValueError, RuntimeError, KeyError, TypeError) as e:
            self._remove(slot)
            raise AdapterNotLoaded(f"The adapter {name} does not fit the model.", str(e)) from e
        else:
            self._slots[name] = slot
        finally:
            self.switch(self._on)

    def detach(self, name: str) -> None:
        """Removes an adapter; if it was switched on, only the base model is left."""
        self._remove(self._slots.pop(name))
        self.switch(None if self._on == name else self._on)

    def switch(self, name: str | None) -> None:
        """Switches ``name`` on and all others off; with None, all of them off."""
        self._on = name
        for layer in self._layers():
            if name is not None:
                layer.set_adapter(self._slots[name], inference_mode=True)
            layer.enable_adapters(name is not None)

    def _insert(self, slot: str, files: AdapterFiles) -> None:
        with _expected("Already found a `peft_config` attribute"):
            inject_adapter_in_model(files.config, self._model, slot, low_cpu_mem_usage=True)
        loaded: Any = set_peft_model_state_dict(
            self._model, files.tensors, adapter_name=slot, low_cpu_mem_usage=True
        )
        missing = [key for key in loaded.missing_keys if f".{slot}." in key]
        if wrong := missing + list(loaded.unexpected_keys):
            raise ValueError(f"{len(wrong)} tensors are missing or unknown, as {wrong[0]}")

    def _remove(self, slot: str) -> None:
        with _expected(f"Adapter {slot} was active"):
            delete_adapter(self._model, adapter_name=slot, prefix="lora_")
        getattr(self._model, "peft_config", {}).pop(slot, None)

    def _layers(self) -> Iterator[BaseTunerLayer]:
        return (layer for layer in self._model.modules() if isinstance(layer, BaseTunerLayer))


@contextmanager
def _expected(warning: str) -> Iterator[None]:
    """Runs its body without a warning of PEFT about something that is intended here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", warning)
        yield


def _check_manifest(folder: Path, name: str, base: str) -> None:
    path = folder / "manifest.json"
    if not path.exists():
        return
    manifest = _json(path)
    if manifest.get("name", name) != name:
        raise AdapterNotLoaded(f"It is the adapter {manifest['name']}, not {name}.", str(folder))
    if manifest.get("base_model", base) != base:
        raise AdapterNotLoaded(
            f"The adapter {name} was trained on {manifest['base_model']}; this server runs {base}."
        )
    if manifest.get("sha256", "") != _sha256(folder / WEIGHTS):
        raise AdapterNotLoaded(f"The weights of {name} are not those of its manifest.")


def _config(folder: Path) -> LoraConfig:
    values = _json(folder / "adapter_config.json")
    if values.get("peft_type") != "LORA":
        raise AdapterNotLoaded("It is not a LoRA adapter.", str(folder))
    for option in ("use_dora", "modules_to_save", "trainable_token_indices", "layer_replication"):
        if values.get(option):
            raise AdapterNotLoaded(
                f"The adapter uses {option}, which this server does not support.", str(folder)
            )
    try:
        config = cast(LoraConfig, LoraConfig.from_pretrained(str(folder)))
    except (ValueError, TypeError, OSError) as e:
        raise AdapterNotLoaded("adapter_config.json cannot be read.", f"{folder}: {e}") from e
    if not 1 <= config.r <= MAX_RANK:
        raise AdapterNotLoaded(
            f"The adapter has rank {config.r}; ranks 1 to {MAX_RANK} are supported.", str(folder)
        )
    # The way in which the weights were initialised does not matter after the training, and some
    # ways would change the base model.
    config.init_lora_weights = True
    config.inference_mode = True
    return config


def _check_tensors(
    folder: Path, config: LoraConfig, tensors: Mapping[str, torch.Tensor], model: PreTrainedModel
) -> None:
    """Checks that each tensor belongs to a layer of the model, fits it, and has a partner."""
    if not tensors:
        raise AdapterNotLoaded(f"{WEIGHTS} is empty.", str(folder))
    for key, tensor in tensors.items():
        layer = key.removeprefix(_PREFIX).removesuffix(_A).removesuffix(_B)
        outer, inner = _shape(model, layer)
        rank = tensor.shape[0] if key.endswith(_A) else tensor.shape[-1]
        expected = (rank, inner) if key.endswith(_A) else (outer, rank)
        if not key.startswith(_PREFIX) or not key.endswith((_A, _B)) or outer == 0:
            raise AdapterNotLoaded(f"The model has no layer for {key}.", str(folder))
        if tuple(tensor.shape) != expected:
            raise AdapterNotLoaded(
                f"{key} is {tuple(tensor.shape)}, the model needs {expected}.", str(folder)
            )
        partner = tensors.get(key.replace(_A, _B) if key.endswith(_A) else key.replace(_B, _A))
        pattern = config.rank_pattern or {}
        if partner is None or (not pattern and rank != config.r):
            raise AdapterNotLoaded(f"{key} does not fit rank {config.r}.", str(folder))
        if not torch.isfinite(tensor).all():
            raise AdapterNotLoaded(f"{key} contains values that are not numbers.", str(folder))
    _check_targets(folder, config, tensors)


def _check_targets(folder: Path, config: LoraConfig, tensors: Mapping[str, torch.Tensor]) -> None:
    """Refuses a target layer without tensors: it would be served untrained, without an error."""
    if isinstance(config.target_modules, (set, list)):
        named = {key.removesuffix(_A).rpartition(".")[2] for key in tensors if key.endswith(_A)}
        if missing := {str(t).rpartition(".")[2] for t in config.target_modules} - named:
            raise AdapterNotLoaded(
                f"It lacks the weights of {', '.join(sorted(missing))}.", str(folder)
            )


def _shape(model: PreTrainedModel, layer: str) -> tuple[int, int]:
    """A linear layer's (out, in) features; (0, 0) if there is no such layer."""
    try:
        module = model.get_submodule(layer)
    except AttributeError:
        return 0, 0
    outer, inner = getattr(module, "out_features", 0), getattr(module, "in_features", 0)
    return (outer, inner) if isinstance(outer, int) and isinstance(inner, int) else (0, 0)


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise AdapterNotLoaded(f"{path.name} cannot be read.", f"{path}: {e}") from e
    if not isinstance(value, dict):
        raise AdapterNotLoaded(f"{path.name} is not a JSON object.", str(path))
    return value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
