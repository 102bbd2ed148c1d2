"""Reads what the files of a sentence-transformers model say, if it is a plain BERT."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.embedders.places import TOKENIZER

_WEIGHTS = "model.safetensors"
_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}


class NotABert(Exception):
    """The model is of another kind, or does more than a BERT and its pooling."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where the numbers of a tensor are in the file of the weights, in bytes."""

    shape: tuple[int, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Bert:
    """A BERT whose token vectors are averaged, or whose first one is taken (``pooling``)."""

    tokenizer: Path
    weights: Path
    dimension: int
    layers: int
    heads: int
    epsilon: float
    tokens: int
    pooling: str
    tensors: Mapping[str, Tensor]


def read_bert(folder: Path) -> Bert:
    """Raises NotABert where sentence-transformers would compute anything else from these files."""
    try:
        config = _json(folder / "config.json")
        around = _json(folder / "sentence_bert_config.json")
        steps = [
            (str(step["type"]).rpartition(".")[2], step["path"])
            for step in json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        ]
        _require([kind for kind, _ in steps][:2] == ["Transformer", "Pooling"], "its modules")
        _require({kind for kind, _ in steps[2:]} <= {"Normalize"}, "its modules")
        _require(config["model_type"] == "bert", "its kind")
        _require(config["hidden_act"] == "gelu", "its activation")
        _require(config.get("position_embedding_type", "absolute") == "absolute", "its positions")
        _require(not around.get("do_lower_case"), "its case")
        _require(not any(_prompts(folder).values()), "its prompts")
        _require((folder / TOKENIZER).is_file(), "its tokenizer")
        weights = (folder / _WEIGHTS).resolve()  # the hub's folders contain links
        return Bert(
            folder / TOKENIZER,
            weights,
            dimension=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            epsilon=config["layer_norm_eps"],
            tokens=around.get("max_seq_length") or config["max_position_embeddings"],
            pooling=_pooling(_json(folder / steps[1][1] / "config.json")),
            tensors=_tensors(weights),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise NotABert(f"{type(e).__name__}: {e}") from e


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise NotABert(what)


def _json(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def _prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    return (_json(file).get("prompts") or {}) if file.is_file() else {}


def _pooling(config: dict[str, Any]) -> str:
    older = {name for name, used in config.items() if name.startswith("pooling_mode_") and used}
    modes = [config["pooling_mode"]] if "pooling_mode" in config else [*map(_POOLINGS.get, older)]
    _require(len(modes) == 1 and modes[0] in _POOLINGS.values(), "its pooling")
    return str(modes[0])


def _tensors(file: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file: 8 bytes of length, a header in JSON, then the numbers."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header = json.loads(opened.read(length))
    header.pop("__metadata__", None)
    return {
        name: Tensor(tuple(about["shape"]), 8 + length + begin, end - begin)
        for name, about in header.items()
        if about["dtype"] == "F32"
        for begin, end in [about["data_offsets"]]
    }
