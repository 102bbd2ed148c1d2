"""Embeds with an OpenAI-compatible embeddings server."""

import math
from array import array
from collections.abc import Sequence

from httpx2 import InvalidURL
from openai import DefaultHttpxClient, OpenAI, OpenAIError

from domain.errors import ConfigError, RetrievalError
from domain.protocols import Vector
from domain.redaction import split_login
from domain.tokens import Reach

VENDOR_ERRORS = (OpenAIError,)
ADDRESS_ERRORS = (InvalidURL, ValueError)

_REQUEST = 64
_READ_AT_LEAST = 512  # tokens, by the smallest of the models that are served by an API


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


def _unit(vector: Sequence[float]) -> Vector:
    length = math.hypot(*vector) or 1.0
    return array("f", (number / length for number in vector))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
