"""Compares a question with the tokens of passages, of which an index keeps the signs.

A token is compared as the vector of 1 and -1 that its signs make, of length 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.embeddings import QuestionEmbedding, Vector

HALF = 40
"""Tokens in half a window. Windows overlap by a half. From 48 to 80 tokens in a window hardly
matter; that is some 350 characters."""

_Rows = NDArray[np.float32]

_ALONE = 2**18
"""The most multiplications of a product that OpenBLAS does by one thread, whatever its form."""

_VECTORS: _Rows = np.float32(2) * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) - 1
"""The eight numbers that each byte of signs stands for: to look them up is the fastest way."""


class Near(NamedTuple):
    """How near a passage is: the cosine of its best window, a mean of tokens, to the question, and
    the mean, over the question's words, of the best token's cosine, or 0 without words."""

    window: float
    words: float


def compared(question: QuestionEmbedding, signs: Sequence[bytes]) -> list[Near]:
    """For the ``signs`` of each passage, of which each has some tokens."""
    dimension = len(question.vector)
    width = -(-dimension // 8)
    packed = [np.frombuffer(one, np.uint8).reshape(-1, width) for one in signs]
    asked = _in_blocks(question.words, dimension)
    # One by one, in memory that stays in the processor's cache.
    room = np.empty((max(map(len, packed), default=0), width, 8), np.float32)
    windows, words = [], []
    for one in packed:
        rows = _VECTORS.take(one, axis=0, out=room[: len(one)], mode="clip")
        halves, rest = _halves(rows.reshape(len(one), -1)[:, :dimension])
        windows.append(_windows(halves, rest))
        words.append(_best_words(asked, len(question.words), halves, rest))
    return list(map(Near, _best_windows(question, windows), words))


def _halves(rows: _Rows) -> tuple[_Rows, _Rows]:
    """The rows of each half of a window, and those that are too few for one."""
    whole = len(rows) // HALF * HALF
    return rows[:whole].reshape(-1, HALF, rows.shape[1]), rows[whole:]


def _windows(halves: _Rows, rest: _Rows) -> _Rows:
    """The sums of the tokens in each window. (Summing by ``np.add.reduceat`` takes far longer.)"""
    sums = halves.sum(axis=1)
    if len(rest):
        sums = np.concatenate([sums, rest.sum(axis=0, keepdims=True)])
    return np.asarray(sums[:-1] + sums[1:] if len(sums) > 1 else sums, np.float32)


def _in_blocks(words: Sequence[Vector], dimension: int) -> _Rows:
    """The question's words as matrices (dimension, words of a block), the last filled with zeros.

    Each is small enough for one thread to multiply it with half a window: to share such products
    among threads costs ten times as much as they do, and far more beside other work.
    """
    size = min(max(_ALONE // (HALF * dimension), 1), len(words)) or 1
    blocks = np.zeros((-(-len(words) // size), size, dimension), np.float32)
    for n, word in enumerate(words):
        blocks[n // size, n % size] = word
    return np.ascontiguousarray(blocks.transpose(0, 2, 1) / np.float32(np.sqrt(dimension)))


def _best_words(asked: _Rows, count: int, halves: _Rows, rest: _Rows) -> float:
    """``count`` is that of the question's words."""
    if not count:
        return 0.0
    # (halves or one, blocks, tokens, words of a block)
    products = [rows[:, None] @ asked for rows in (halves, rest[None]) if rows.size]
    best = np.max([each.max(axis=(0, 2)) for each in products], axis=0)
    return float(best.reshape(-1)[:count].mean())


def _best_windows(question: QuestionEmbedding, windows: Sequence[_Rows]) -> list[float]:
    if not windows:
        return []
    rows, vector = np.concatenate(windows), np.asarray(question.vector, np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows)) * np.linalg.norm(vector)
    cosines = np.einsum("ij,j->i", rows, vector)  # by no threads
    cosines /= np.maximum(lengths, np.finfo(np.float32).tiny)
    first = np.cumsum([0, *map(len, windows[:-1])])
    return [float(one) for one in np.maximum.reduceat(cosines, first)]
