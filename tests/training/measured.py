"""Trains SmolLM2 on long prompts in its own process, and prints the measurements as JSON.

python -m tests.training.measured PHI3_HOME FOLDER
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from bench import peak_memory
from domain.prompt import render
from serving.default_model import SMOLLM2
from serving.models import load, resolve, stop_tokens
from tests.training.makers import example, passage
from training.qlora import train
from training.recipe import Recipe
from training.rows import tokenised

_FILLER = "On the way to the {place} there is a workshop where people mend the {thing} by hand. "


def main() -> None:
    home, folder = map(Path, sys.argv[1:])
    base = resolve(SMOLLM2, home)
    rows = []
    for n in range(12):
        one = example(n)
        text = _FILLER.format(place=one.completion, thing="saddle") * (10 + n)
        shown = (*one.passages, passage(text), passage(text.upper().lower() + "Twice."))
        rows.append(replace(one, prompt=render(one.question, shown), passages=shown))
    model, tokenizer = load(base, quantised=True)  # as in a night: float32 needs more memory
    stops = stop_tokens(model, tokenizer)
    longest = max(len(tokenised(row, tokenizer, stops).ids) for row in rows)
    del model
    found = train(rows, Recipe(), base, folder)
    print(  # noqa: T201
        json.dumps(
            {
                "longest": longest,
                "dropped": found.dropped,
                "peak_gb": peak_memory(),
                "tokens_per_second": round(found.tokens_per_second),
                "first": found.losses[0],
                "last": found.losses[-1],
            }
        )
    )


if __name__ == "__main__":
    main()
