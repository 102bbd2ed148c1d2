"""What DPO or KTO adds to an adapter that a night has made: answers before and after it.

    python -m bench.preferences FOLDER ADAPTER ROWS.jsonl OTHERS.jsonl off dpo kto

SmolLM2 is converted into ``FOLDER``; ``ADAPTER`` is the adapter's folder, ``ROWS`` are what it was
trained on: ``{"id", "prompt": [[role, text], …], "completion", "origin", "rejected"}``. ``OTHERS``
are asked: ``{"id", "prompt", "completion"}``. Prints a row of a table for each way: f1, by how much
it differs from the first with its interval of 95% (bootstrap over the questions), contained,
refused, characters, and the seconds of the stage.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, cast

from bench.lora import answers
from domain.adapters import Example, Origin
from domain.answering import is_refusal
from domain.questions import Message
from training.agreement import contains, f1
from training.recipe import RATE_WITH_STARTER, Method, Recipe

if TYPE_CHECKING:
    from serving.models import ModelFiles

_DRAWN = 10_000


def read(file: Path) -> list[Example]:
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    return [
        Example(
            answer_id=row["id"],
            question="",
            prompt=tuple(Message(role, text) for role, text in row["prompt"]),
            completion=row["completion"],
            origin=Origin(row.get("origin", Origin.QUOTE)),
            group="",
            rejected=row.get("rejected", ""),
        )
        for row in rows
    ]


def trained_further(
    base: "ModelFiles", adapter: Path, rows: Sequence[Example], method: Method, folder: Path
) -> str:
    """Writes the adapter, after the stage, into ``folder``; says what the stage did."""
    from peft import LoraConfig, get_peft_model
    from peft.helpers import disable_input_dtype_casting

    from serving.models import load, stop_tokens
    from training.beginning import begin_with
    from training.listening import Steps
    from training.preference_rows import preferences
    from training.preferences import prefer
    from training.progress import ignore
    from training.unfinished import CHECKPOINTS

    recipe = Recipe(quantised=False, preferences=method, learning_rate=RATE_WITH_STARTER)
    found = preferences(rows, method)
    assert found
    model, tokenizer = load(base, quantised=False)
    lora = LoraConfig(
        r=recipe.r, lora_alpha=recipe.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    tuned = get_peft_model(model, lora)
    begin_with(tuned, adapter)
    (folder / CHECKPOINTS).mkdir()
    stops = stop_tokens(model, tokenizer)
    with disable_input_dtype_casting(tuned):
        told = prefer(tuned, tokenizer, stops, found, recipe, folder, Steps(ignore))
    tuned.save_pretrained(str(folder))
    return told


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Where the mean of the differences lies with 95%."""
    import numpy as np

    drawn = np.random.default_rng(7).choice(differences, (_DRAWN, len(differences))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def main() -> None:
    from serving.default_model import SMOLLM2
    from serving.models import resolve

    home, adapter, rows, others = map(Path, sys.argv[1:5])
    base, asked = resolve(SMOLLM2, home), read(others)
    wanted = [row.completion for row in asked]
    first: list[float] = []
    for method in cast(list[Method], sys.argv[5:]):
        with TemporaryDirectory(dir=home) as folder:
            began = perf_counter()
            if method != "off":
                print(trained_further(base, adapter, read(rows), method, Path(folder)), flush=True)
            seconds = perf_counter() - began
            said = answers(base, adapter if method == "off" else Path(folder), asked)
        each = [f1(*pair) for pair in zip(said, wanted, strict=True)]
        first = first or each
        low, high = interval([one - before for one, before in zip(each, first, strict=True)])
        print(
            f"| {method} | {fmean(each):.3f} | {fmean(each) - fmean(first):+.3f} "
            f"({low:+.3f} to {high:+.3f}) "
            f"| {fmean(contains(*pair) for pair in zip(said, wanted, strict=True)):.2f} "
            f"| {fmean(map(is_refusal, said)):.0%} | {fmean(map(len, said)):.0f} "
            f"| {seconds:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
