"""Compares a question with the tokens of passages, of which an index keeps the signs.

A token is compared as the vector of 1 and -1 that its signs make, of length 1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.embeddings import Vector

HALF = 40
"""Tokens in half a window. Windows overlap by a half. From 48 to 80 tokens in a window hardly
matter; that is some 350 characters."""


class TokenSigns:
    """The ``signs`` of passages, each of which must have some, of a model of ``dimension``."""

    def __init__(self, signs: Sequence[bytes], dimension: int) -> None:
        width = -(-dimension // 8)
        packed = np.frombuffer(b"".join(signs), np.uint8)
        bits = np.unpackbits(packed.reshape(-1, width), axis=1, count=dimension)
        self._signs = bits.astype(np.float32)
        self._signs *= 2 / np.sqrt(dimension)
        self._signs -= 1 / np.sqrt(dimension)
        ends = np.cumsum([len(one) // width for one in signs])
        self._ranges = [*zip([0, *ends.tolist()], ends.tolist(), strict=False)]

    def best_words(self, words: Sequence[Vector]) -> list[float]:
        """For each passage the mean, over the question's words, of the best token's cosine."""
        asked = np.asarray(words, np.float32).T
        # One by one: in a product of all, the library's threads cost ten times as much.
        return [
            float((self._signs[start:end] @ asked).max(axis=0).mean())
            for start, end in self._ranges
        ]

    def best_windows(self, vector: Vector) -> list[float]:
        """For each passage the cosine of its best window, a mean of tokens, to the question."""
        asked = np.asarray(vector, np.float32)
        return [
            float(_cosines(_windows(self._signs[start:end]), asked).max())
            for start, end in self._ranges
        ]


def _windows(tokens: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sums of the tokens in each window. (Summing by ``np.add.reduceat`` takes far longer.)"""
    whole = len(tokens) // HALF * HALF
    halves = tokens[:whole].reshape(-1, HALF, tokens.shape[1]).sum(axis=1)
    if whole < len(tokens):
        halves = np.concatenate([halves, tokens[whole:].sum(axis=0, keepdims=True)])
    return np.asarray(halves[:-1] + halves[1:] if len(halves) > 1 else halves, np.float32)


def _cosines(rows: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    cosines: NDArray[np.float32] = rows @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
    return cosines
