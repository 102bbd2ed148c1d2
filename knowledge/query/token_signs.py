"""Compares a question with the tokens of candidates, of which an index keeps the signs.

A token is compared as the vector of 1 and -1 that its signs make, of length 1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.candidates import Candidate
from domain.embeddings import Vector

HALF = 40
"""Tokens in half a window. Windows overlap by a half. From 48 to 80 tokens in a window hardly
matter; that is some 350 characters."""


class TokenSigns:
    """The tokens of ``candidates``, each of which must have some, of a model of ``dimension``."""

    def __init__(self, candidates: Sequence[Candidate], dimension: int) -> None:
        width = -(-dimension // 8)
        packed = np.frombuffer(b"".join(one.tokens for one in candidates), np.uint8)
        bits = np.unpackbits(packed.reshape(-1, width), axis=1, count=dimension)
        self._signs = bits.astype(np.float32)
        self._signs *= 2 / np.sqrt(dimension)
        self._signs -= 1 / np.sqrt(dimension)
        self._counts = [len(one.tokens) // width for one in candidates]
        self._starts = np.cumsum([0, *self._counts[:-1]])

    def best_words(self, words: Sequence[Vector]) -> list[float]:
        """For each candidate the mean, over the question's words, of the best token's cosine."""
        cosines = self._signs @ np.asarray(words, np.float32).T
        return [float(one) for one in np.maximum.reduceat(cosines, self._starts).mean(axis=1)]

    def best_windows(self, vector: Vector) -> list[float]:
        """For each candidate the cosine of its best window, a mean of tokens, to the question."""
        cuts = [
            np.arange(start, start + count, HALF)
            for start, count in zip(self._starts, self._counts, strict=True)
        ]
        halves = np.add.reduceat(self._signs, np.concatenate(cuts))
        cosines: list[float] = []
        asked = np.asarray(vector, np.float32)
        first = 0
        for cut in cuts:
            own = halves[first : first + len(cut)]
            first += len(cut)
            cosines.append(float(_cosines(_joined(own), asked).max()))
        return cosines


def _joined(halves: NDArray[np.float32]) -> NDArray[np.float32]:
    return halves[:-1] + halves[1:] if len(halves) > 1 else halves


def _cosines(rows: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    cosines: NDArray[np.float32] = rows @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
    return cosines
