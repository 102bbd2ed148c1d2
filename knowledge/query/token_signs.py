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
        self._length = np.float32(np.sqrt(dimension))
        self._bits = [_bits(one, width, dimension) for one in signs]

    def best_words(self, words: Sequence[Vector]) -> list[float]:
        """For each passage the mean, over the question's words, of the best token's cosine."""
        asked = np.asarray(words, np.float32).T
        twice, once = 2 * asked / self._length, asked.sum(axis=0) / self._length
        # One by one: in a product of all, the library's threads cost ten times as much.
        return [float(((bits @ twice).max(axis=0) - once).mean()) for bits in self._bits]

    def best_windows(self, vector: Vector) -> list[float]:
        """For each passage the cosine of its best window, a mean of tokens, to the question."""
        asked = np.asarray(vector, np.float32)
        return [float(_cosines(_windows(bits), asked).max()) for bits in self._bits]


def _bits(signs: bytes, width: int, dimension: int) -> NDArray[np.float32]:
    """A row a token, 0 for -1: to write -1 into all takes longer than to allow for it later."""
    packed = np.frombuffer(signs, np.uint8).reshape(-1, width)
    return np.unpackbits(packed, axis=1, count=dimension).astype(np.float32)


def _windows(bits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sums of the signs in each window. (Summing by ``np.add.reduceat`` takes far longer.)"""
    whole = len(bits) // HALF * HALF
    halves = 2 * bits[:whole].reshape(-1, HALF, bits.shape[1]).sum(axis=1) - HALF
    if rest := len(bits) - whole:
        last = 2 * bits[whole:].sum(axis=0, keepdims=True) - rest
        halves = np.concatenate([halves, last])
    return np.asarray(halves[:-1] + halves[1:] if len(halves) > 1 else halves, np.float32)


def _cosines(rows: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    cosines: NDArray[np.float32] = rows @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
    return cosines
