"""What each sign of a line is worth, as it was learned from lines of threads.

`make meant` learns it anew (``bench.meant``), and writes ``learned.json``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from domain.embeddings import Vector

FILE = Path(__file__).with_name("learned.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """A line is meant if the sum of what its signs are worth is above 0.

    ``vector`` is what each number of its meaning is worth; it is empty where only words count.
    """

    bias: float
    signs: Mapping[str, float]
    vector: tuple[float, ...] = field(default=())

    def sum(self, signs: Mapping[str, float], vector: Vector = ()) -> float:
        """``vector`` is as long as that of the weights."""
        of_signs = sum(self.signs.get(name, 0.0) * value for name, value in signs.items())
        of_meaning = sum(a * b for a, b in zip(self.vector, vector, strict=True))
        return self.bias + of_signs + of_meaning


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights for a line of which the meaning is known too, and for one of which it is not."""

    with_meaning: Weights
    by_words: Weights


@lru_cache
def learned() -> Learned:
    held = json.loads(FILE.read_text(encoding="utf-8"))
    return Learned(_weights(held["with_meaning"]), _weights(held["by_words"]))


def write(weights: Learned) -> None:
    held = {
        name: {"bias": one.bias, "vector": one.vector, "signs": dict(sorted(one.signs.items()))}
        for name, one in (("with_meaning", weights.with_meaning), ("by_words", weights.by_words))
    }
    text = json.dumps(held, ensure_ascii=False, indent=0)
    FILE.write_text(text + "\n", encoding="utf-8")


def _weights(held: dict[str, object]) -> Weights:
    bias, vector, signs = held["bias"], held["vector"], held["signs"]
    assert isinstance(bias, float)
    assert isinstance(vector, list)
    assert isinstance(signs, dict)
    return Weights(bias, signs, tuple(vector))
