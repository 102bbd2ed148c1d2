"""How large a model is, without loading it."""

import json
from pathlib import Path
from typing import Any

from huggingface_hub.constants import HF_HUB_CACHE

from serving.default_model import SMOLLM2

SMALL_MODEL = 1_000_000_000
"""A model with fewer parameters computes in float32 on a CPU, is trained at a higher learning rate,
and does not tell apart whether a passage on a question's subject answers it."""

_SMOLLM2_PARAMETERS = 134_515_008  # before its first use there is no folder of it


def is_large(model: str) -> bool:
    """Whether a model is known to have a billion parameters or more (see `parameters_of`)."""
    return (parameters_of(model) or 0) >= SMALL_MODEL


def is_small(model: str) -> bool:
    """Whether a model is known to have fewer than a billion parameters."""
    return (parameters_of(model) or SMALL_MODEL) < SMALL_MODEL


def parameters_of(model: str) -> int | None:
    """About how many parameters a model has, by its config.json; None if that is not known.

    ``model`` is a folder or a hub id. It is not known of a model that is not on this machine, or
    whose architecture is an unusual one.
    """
    if model == SMOLLM2:
        return _SMOLLM2_PARAMETERS
    try:
        return parameters(config_of(model))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def parameters(config: dict[str, Any]) -> int:
    """About how many parameters a decoder has: those of its linear layers and its embeddings.

    Raises KeyError if the config lacks a size.
    """
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    head = config.get("head_dim") or hidden // heads
    shared = config.get("num_key_value_heads") or heads
    attention = 2 * hidden * head * (heads + shared)
    layer = attention + 3 * hidden * config["intermediate_size"]
    embeddings = (1 if config.get("tie_word_embeddings") else 2) * config["vocab_size"] * hidden
    return int(config["num_hidden_layers"] * layer + embeddings)


def config_of(model: str) -> dict[str, Any]:
    """What the config.json of a folder, or of a hub id that was downloaded, says.

    Raises OSError if there is none, ValueError if it is no JSON, and TypeError if no object.
    """
    read = json.loads(_config(model).read_text("utf-8"))
    if not isinstance(read, dict):
        raise TypeError("config.json is no object")
    return read


def _config(model: str) -> Path:
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder / "config.json"
    return _in_cache(model)


def _in_cache(model: str) -> Path:
    """Where the hub's cache has the config.json of a hub id. Raises OSError if it has no such id.

    As `huggingface_hub.try_to_load_from_cache`, which takes 4 MB to import: the console would keep
    them for one page.
    """
    kept = Path(HF_HUB_CACHE) / f"models--{model.replace('/', '--')}"
    commit = (kept / "refs" / "main").read_text("utf-8")
    return kept / "snapshots" / commit / "config.json"
