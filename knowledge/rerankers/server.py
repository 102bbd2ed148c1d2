"""Scores passages with a server that offers ``/v1/rerank`` or ``/score``: vLLM, and others."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from json import loads
from math import isfinite
from typing import Any

from httpx2 import Response
from openai import APIStatusError, RateLimitError

from domain.errors import RetrievalError
from domain.redaction import split_login
from domain.tokens import beginning
from knowledge.api_client import VENDOR_ERRORS, in_one_line, open_client

_SECONDS = 10.0
_QUESTION, _TEXT = 128, 384
"""Tokens that all models read, by the smallest ones, which read 512 of both together."""

_WAYS: Mapping[str, Callable[[str, Sequence[str]], dict[str, Any]]] = {
    "/v1/rerank": lambda question, texts: {"query": question, "documents": [*texts]},
    "/score": lambda question, texts: {"text_1": question, "text_2": [*texts]},
}
_NOT_OFFERED = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.NOT_IMPLEMENTED,
)
_TOO_LONG = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


class ServerReranker:
    """``url`` may end in ``/v1`` or not. Without ``model`` the server uses its own.

    After a failure nothing is tried again, since the person who asked waits. Raises ConfigError.
    """

    def __init__(
        self, url: str, model: str = "", key: str | None = None, *, timeout: float = _SECONDS
    ) -> None:
        root = url.rstrip("/").removesuffix("/v1")
        self._client = open_client(
            root,
            key,
            timeout,
            "The re-ranking server's address cannot be read: write PHI3_RERANKER_URL as "
            "http://host:port/v1.",
        ).with_options(max_retries=0)
        self._url, _ = split_login(root)
        self._model = model
        self._ways = [*_WAYS]

    @property
    def model(self) -> str:
        return f"{self._model} at {self._url}" if self._model else self._url

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        try:
            answer = self._answer(question, texts)
        except RateLimitError as e:
            raise RetrievalError(
                "The re-ranking server has no room for more requests now.", self._said(e)
            ) from e
        except VENDOR_ERRORS as e:
            raise RetrievalError(
                "The re-ranking server does not answer, or refuses: check PHI3_RERANKER_URL, and "
                "whether PHI3_RERANKER is the model's name there.",
                self._said(e),
            ) from e
        try:
            return _in_order(loads(answer), len(texts))
        except (ValueError, OverflowError, RecursionError) as e:
            raise RetrievalError(
                f"The re-ranking server did not send one score for each of {len(texts)} texts.",
                self._said(e),
            ) from e

    def close(self) -> None:
        self._client.close()

    def _answer(self, question: str, texts: Sequence[str]) -> bytes:
        """Servers refuse what is too long for the model; then all is cut."""
        try:
            return self._first_offered(question, texts)
        except APIStatusError as e:
            if e.status_code not in _TOO_LONG:
                raise
        shorter = [beginning(text, _TEXT) for text in texts]
        return self._first_offered(beginning(question, _QUESTION), shorter)

    def _first_offered(self, question: str, texts: Sequence[str]) -> bytes:
        """By the way that the server offers, which is tried first from then on."""
        first, second = self._ways
        try:
            return self._post(first, question, texts)
        except APIStatusError as e:
            if e.status_code not in _NOT_OFFERED:
                raise
        answer = self._post(second, question, texts)
        self._ways = [second, first]
        return answer

    def _post(self, way: str, question: str, texts: Sequence[str]) -> bytes:
        body = _WAYS[way](question, texts) | ({"model": self._model} if self._model else {})
        return self._client.post(way, cast_to=Response, body=body).content

    def _said(self, error: Exception) -> str:
        return f"{self.model}: {in_one_line(error)}"


def _in_order(answer: object, count: int) -> list[float]:
    """The scores in the order of the texts. Raises ValueError if one is missing or odd."""
    found = (answer.get("results") or answer.get("data")) if isinstance(answer, dict) else None
    rows = found if isinstance(found, list) else []
    scores = dict(map(_place_and_score, rows))
    if len(rows) != count or scores.keys() != set(range(count)):
        raise ValueError(f"{len(rows)} results, for {len(scores)} texts.")
    return [scores[place] for place in range(count)]


def _place_and_score(row: object) -> tuple[int, float]:
    if isinstance(row, dict):
        place, score = row.get("index"), row.get("relevance_score", row.get("score"))
        if isinstance(place, int) and isinstance(score, int | float) and isfinite(score):
            return place, score
    raise ValueError("A result has no place, or no score.")
