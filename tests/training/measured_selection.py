"""Selects from very many rated answers in its own process, and prints the measurements as JSON.

python -m tests.training.measured_selection COUNT
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from bench import peak_memory
from domain.questions import RatedAnswer, Sentence
from tests.training.makers import passage, rated, thing_of
from training.dataset import select, split

_FILLER = "On the way there is a workshop where people mend things by hand, day after day. "


def stream(count: int) -> Iterator[RatedAnswer]:
    """Rated answers, each with five passages of a thousand characters, as for a large model."""
    for n in range(count):
        one = rated(n)
        more = tuple(passage(f"{n} {k}: " + _FILLER * 12) for k in range(4))
        padded = replace(one.answer.passages[0], text=one.answer.passages[0].text + _FILLER * 12)
        sentences = (Sentence(0, len(one.answer.text), supported=True),)  # as it was recorded
        answer = replace(one.answer, passages=(padded, *more), sentences=sentences)
        yield replace(one, answer=answer)


def main() -> None:
    count = int(sys.argv[1])
    began = perf_counter()
    selection = select(stream(count))
    selected = perf_counter()
    train, held_back = split(selection.examples)
    print(  # noqa: T201
        json.dumps(
            {
                "examples": len(selection.examples),
                "train": len(train),
                "held_back": len(held_back),
                "peak_mb": round(peak_memory() * 1000),
                "select_s": round(selected - began, 1),
                "split_s": round(perf_counter() - selected, 1),
                "last": thing_of(count - 1) in selection.examples[-1].question,
            }
        )
    )


if __name__ == "__main__":
    main()
