"""What an embedding model makes of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Embedding:
    """A passage as the model reads it: a ``vector`` of length 1, and the signs of its tokens.

    ``tokens`` has a bit for each number of each token's vector, 1 if that is positive, in the order
    of the text; each token begins with a new byte. It is empty if the model gives no such vectors.
    """

    vector: Vector
    tokens: bytes = b""


@dataclass(frozen=True, slots=True)
class QuestionEmbedding:
    """A question as the model reads it: its ``vector``, and those of the words that say something.

    All have length 1. ``words`` is empty if the model gives no such vectors.
    """

    vector: Vector
    words: tuple[Vector, ...] = ()


def from_centre(vectors: Sequence[Vector]) -> list[float]:
    """How near each vector is to all of them on average: the most typical has the most."""
    sums = [sum(numbers) for numbers in zip(*vectors, strict=True)]
    return [sum(map(mul, vector, sums)) / len(vectors) for vector in vectors]
