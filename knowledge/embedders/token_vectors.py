"""The vectors of a text's tokens, as an embedding model gives them beside the text's own one."""

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from domain.content_words import content_words
from domain.embeddings import Vector
from domain.words import words

_MARKS = "#▁Ġ "
"""What tokenizers write at a token that goes on with a word, or begins one."""


def signs(vectors: NDArray[np.float32]) -> bytes:
    """Those of vectors (token, dimension), as an Embedding keeps them.

    A token takes a thirty-second of its numbers. Measured: that finds as much as the numbers do.
    """
    return np.packbits(vectors > 0, axis=1).tobytes()


def vectors_of_words(
    text: str, tokens: Sequence[str], vectors: NDArray[np.float32]
) -> tuple[Vector, ...]:
    """The vectors, of length 1, of those tokens of a question that say what it asks for.

    All tokens count if none does. Measured: with function words, less is found.
    """
    counted = list(_content(text, tokens)) or list(range(len(tokens)))
    chosen = vectors[counted]
    lengths = np.maximum(np.linalg.norm(chosen, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return tuple(array("f", row.tobytes()) for row in (chosen / lengths).astype(np.float32))


def _content(text: str, tokens: Sequence[str]) -> Iterator[int]:
    empty = {word.lower() for word in words(text)} - content_words(text)
    for n, token in enumerate(tokens):
        piece = token.strip(_MARKS).lower()
        if piece not in empty and any(character.isalnum() for character in piece):
            yield n
