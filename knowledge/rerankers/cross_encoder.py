"""Scores passages with any cross-encoder of sentence-transformers on this machine."""

from collections.abc import Sequence
from logging import NullHandler, getLogger
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import Any

from domain.errors import ConfigError, RetrievalError

_BATCH = 32
_BATCH_ON_CPU = 8  # as many texts as the embedding models compute at once


class CrossEncoderReranker:
    """``name`` is a folder, or a model's name on the hub. Raises ConfigError.

    The model is on the GPU if there is one, as an embedding model is. A question and a text that
    are too long for it together are cut.
    """

    def __init__(self, name: str, *, device: str | None = None) -> None:
        self._name = name
        self._model = _load(name, device)
        self._batch = _BATCH_ON_CPU if self._model.device.type == "cpu" else _BATCH
        self._lock = Lock()  # not every model may be used by two threads

    @property
    def model(self) -> str:
        return self._name

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        pairs = [(question, text) for text in texts]
        try:
            with self._lock:
                found = self._model.predict(pairs, batch_size=self._batch, show_progress_bar=False)
        except RuntimeError as e:  # out of memory, or a device was lost
            said = " ".join(str(e).split())[:200]
            raise RetrievalError("The re-ranking model failed.", f"{self._name}: {said}") from e
        scores = [float(score) for score in found]
        if not all(map(isfinite, scores)):
            raise RetrievalError(
                "The re-ranking model gave scores that are not finite.", self._name
            )
        return scores


def _load(name: str, device: str | None) -> Any:
    # Set before the first import of transformers, which reads it then. If bitsandbytes is
    # installed, it warns that it has no kernels for the CPU, which are not used here.
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    getLogger("bitsandbytes").addHandler(NullHandler())
    from sentence_transformers import CrossEncoder

    folder = Path(name).expanduser()
    is_here = folder.is_dir()
    try:
        model = CrossEncoder(
            str(folder) if is_here else name, device=device, local_files_only=is_here
        )
    except (OSError, ValueError, RuntimeError) as e:
        raise ConfigError(
            "The re-ranking model is neither a folder here nor reachable on the hub: set "
            "PHI3_RERANKER to a folder that holds a cross-encoder, or unset it.",
            name,
        ) from e
    if not _gives_one_score(model):
        raise ConfigError(
            "PHI3_RERANKER does not name a cross-encoder that gives one score: name one, such as "
            "BAAI/bge-reranker-v2-m3, or unset it.",
            name,
        )
    return model


def _gives_one_score(model: Any) -> bool:
    """An embedding model is loaded, too, with a random last layer, as its architecture tells."""
    kind, last = type(model.model).__name__, "ForSequenceClassification"
    was = model.config.architectures or [kind]
    return model.num_labels == 1 and (
        not kind.endswith(last) or any(each.endswith(last) for each in was)
    )
