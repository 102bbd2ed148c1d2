"""What each sign of a line is worth, as it was learned from lines of threads.

`make meant` learns it anew (``bench.meant``), and writes ``learned.json``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.embeddings import Vector

FILE = Path(__file__).with_name("learned.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """A line is meant if the sum of what its signs are worth is above 0.

    ``vectors`` is what each number of its meaning is worth, by the model that gives the numbers;
    it is empty where only words count.
    """

    bias: float
    signs: Mapping[str, float]
    vectors: Mapping[str, Vector] = field(default_factory=dict)

    def sum(self, signs: Mapping[str, float], vectors: Mapping[str, Vector]) -> float:
        """``vectors`` has one of each model that these weights have."""
        of_signs = sum(self.signs.get(name, 0.0) * value for name, value in signs.items())
        of_meaning = sum(
            a * b
            for model, weights in self.vectors.items()
            for a, b in zip(weights, vectors[model], strict=True)
        )
        return self.bias + of_signs + of_meaning


def weights_for(vectors: Mapping[str, Vector]) -> Weights:
    """Those that were learned with the most of the models by which a line's meaning is known."""
    fitting = (one for one in learned() if one.vectors.keys() <= vectors.keys())
    return max(fitting, key=lambda one: len(one.vectors))


@lru_cache
def learned() -> tuple[Weights, ...]:
    """Those by words alone come first."""
    return tuple(map(_weights, json.loads(FILE.read_text(encoding="utf-8"))))


def write(learned: Sequence[Weights]) -> None:
    held = [
        {
            "bias": one.bias,
            "vectors": {model: list(vector) for model, vector in one.vectors.items()},
            "signs": dict(sorted(one.signs.items())),
        }
        for one in learned
    ]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in held)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _weights(held: dict[str, Any]) -> Weights:
    vectors = {model: tuple(vector) for model, vector in held["vectors"].items()}
    return Weights(held["bias"], held["signs"], vectors)
