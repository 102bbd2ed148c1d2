"""Embeds with an OpenAI-compatible embeddings server."""

import math
from array import array
from collections.abc import Sequence

from openai import RateLimitError, omit

from domain.embeddings import Embedding, QuestionEmbedding, Vector
from domain.errors import ConfigError, RetrievalError
from domain.redaction import split_login
from domain.tokens import Reach, beginning, estimate
from knowledge.api_client import VENDOR_ERRORS, in_one_line, open_client
from knowledge.embedders.limits import known_as, limits_of, requests

_RETRIES_OF_QUESTIONS = 2
_RETRIES_OF_PASSAGES = 14
"""The library waits as long as the server asks for, up to two minutes; else half a second, then
twice as long each time, up to eight seconds. So these outlast more than a minute without room."""


class OpenAIEmbedder:
    """Embeds with any server that supports OpenAI's ``POST /v1/embeddings``.

    ``url`` ends in ``/v1``. ``question_model`` is for servers that have another model name for
    questions; its vectors must be comparable with the passages'. ``dimensions`` asks for shorter
    vectors. The server is asked once for the dimension. Raises ConfigError, and RetrievalError if
    the server does not answer with vectors.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        question_model: str | None = None,
        dimensions: int | None = None,
        timeout: float = 60.0,
    ) -> None:
        self._url, _ = split_login(url)
        self._model, self._question_model = model, question_model or model
        self._dimensions, self._limits = dimensions, limits_of(model)
        self._client = open_client(
            url,
            key,
            timeout,
            "The embeddings server's address cannot be read: write PHI3_EMBEDDINGS_URL as "
            "http://host:port/v1.",
        )
        self._dimension = len(self.embed_question("dimension").vector)
        if dimensions and self._dimension != dimensions:
            raise ConfigError(
                f"The embeddings server gives vectors of {self._dimension} numbers whatever it is "
                "asked for: unset PHI3_EMBEDDINGS_DIMENSIONS.",
                self._url,
            )

    @property
    def model(self) -> str:
        return known_as(self._model, self._dimensions)

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def reach(self) -> Reach:
        """By the model's name, since servers do not tell."""
        return Reach(self._limits.reads)

    @property
    def gives_tokens(self) -> bool:
        """Such servers give a vector for a text, and none for its tokens."""
        return False

    def embed_passages(self, texts: Sequence[str]) -> list[Embedding]:
        asked = self._limits.for_passages
        return [
            Embedding(vector)
            for some in requests([*map(self._shortened, texts)], self._limits, estimate)
            for vector in self._embed(some, self._model, dict(asked), _RETRIES_OF_PASSAGES)
        ]

    def embed_question(self, text: str) -> QuestionEmbedding:
        asked = self._limits.for_questions
        [vector] = self._embed(
            [self._shortened(text)], self._question_model, dict(asked), _RETRIES_OF_QUESTIONS
        )
        return QuestionEmbedding(vector)

    def close(self) -> None:
        self._client.close()

    def _shortened(self, text: str) -> str:
        """Servers refuse a text that is too long for the model, and some an empty one."""
        fits = estimate(text) <= self._limits.reads
        return (text if fits else beginning(text, self._limits.reads)) or " "

    def _embed(
        self, texts: Sequence[str], model: str, asked: dict[str, str], retries: int
    ) -> list[Vector]:
        try:
            answer = self._client.with_options(max_retries=retries).embeddings.create(
                input=[*texts],
                model=model,
                encoding_format="float",
                dimensions=self._dimensions or omit,
                extra_body=asked,
            )
        except RateLimitError as e:
            raise RetrievalError(
                "The embeddings server has no room for more requests now: try again later, or ask "
                "its provider for a higher limit.",
                f"{self._url}, {model}: {in_one_line(e)}",
            ) from e
        except VENDOR_ERRORS as e:
            raise RetrievalError(
                "The embeddings server does not answer, or refuses: check PHI3_EMBEDDINGS_URL.",
                f"{self._url}, {model}: {in_one_line(e)}",
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
