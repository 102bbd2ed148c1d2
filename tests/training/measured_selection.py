"""Plans a night from very many rated answers in its own process, and prints figures as JSON.

python -m tests.training.measured_selection COUNT
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from bench import peak_memory
from domain.questions import RatedAnswer, Rating, Sentence
from tests.training.makers import down, passage, place_of, rated, up
from training.selection.plan import Bounds, plan

_FILLER = "On the way there is a workshop where people mend things by hand, day after day. "


def stream(count: int) -> Iterator[RatedAnswer]:
    """Rated answers, each with five passages of a thousand characters, as for a large model."""
    for n in range(count):
        one = rated(n, *_ratings(n))
        more = tuple(passage(f"{n} {k}: " + _FILLER * 12) for k in range(4))
        padded = replace(one.answer.passages[0], text=one.answer.passages[0].text + _FILLER * 12)
        sentences = (Sentence(0, len(one.answer.text), supported=True),)  # as it was recorded
        answer = replace(one.answer, passages=(padded, *more), sentences=sentences)
        yield replace(one, answer=answer)


def _ratings(n: int) -> list[Rating]:
    """Of one or two of forty people, who mostly like an answer, and sometimes correct it."""
    person, other = f"U{n * n % 40}", f"U{n % 7}"
    match n % 10:
        case 0:
            return [down(person, place_of(n))]
        case 1:
            return [down(person, f"You find it in the {place_of(n)}.")]
        case 2:
            return [down(person)]
        case 3:
            return [up(person), up(other)]
        case _:
            return [up(person)]


def main() -> None:
    count = int(sys.argv[1])
    began = perf_counter()
    found = plan(stream(count), Bounds(2048), may_train=lambda _: True, budget=1500)
    print(  # noqa: T201
        json.dumps(
            {
                "train": len(found.train),
                "held_back": len(found.held_back),
                "left_out": sum(found.reasons.values()),
                "largest_share": max(found.shares.values()),
                "peak_mb": round(peak_memory() * 1000),
                "seconds": round(perf_counter() - began, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
