"""LoRA compared with QLoRA in one run: time, memory, and quality on rows that were not trained on.

``python -m bench.lora lora|qlora FOLDER`` trains in its own process, since a process does not give
back all its memory, and then answers as the server does, from the unquantised base.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Any

from bench import Figure, peak_memory
from domain.adapters import Example
from domain.prompt import REFUSAL
from training.agreement import f1
from training.replay import sample
from training.starter import starter_examples

if TYPE_CHECKING:
    from serving.models import ModelFiles

_TRAINED = 48
_HELD_BACK = 32
_MAX_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of training, and of computing in all threads; peak memory in GB; f1 on other rows."""

    seconds: float
    computing: float
    peak: float
    f1: float


def measure(folder: Path) -> list[Figure]:
    from serving.default_model import SMOLLM2
    from serving.models import resolve

    resolve(SMOLLM2, folder)
    lora, qlora = (_run(side, folder) for side in ("lora", "qlora"))
    return [
        Figure(
            f"QLoRA of SmolLM2 on {_TRAINED} rows, time",
            f"{qlora.seconds:.0f} s",
            f"LoRA: {lora.seconds:.0f} s",
            f"{qlora.seconds / lora.seconds:.2f}",
            "–",
        ),
        Figure(
            "– time that its threads computed, which other work changes less",
            f"{qlora.computing:.0f} s",
            f"LoRA: {lora.computing:.0f} s",
            f"{qlora.computing / lora.computing:.2f}",
            "–",
        ),
        Figure(
            "– peak memory",
            f"{qlora.peak:.1f} GB",
            f"LoRA: {lora.peak:.1f} GB",
            f"{qlora.peak / lora.peak:.2f}",
            "–",
        ),
        Figure(
            f"– f1 on {_HELD_BACK} other rows",
            f"{qlora.f1:.3f}",
            f"LoRA: {lora.f1:.3f}",
            f"{qlora.f1 - lora.f1:+.3f}",
            "–",
        ),
    ]


def _run(side: str, folder: Path) -> Result:
    command = [sys.executable, "-m", "bench.lora", side, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Result(**json.loads(done.stdout.splitlines()[-1]))


def rows() -> tuple[list[Example], list[Example]]:
    """Answerable starter rows to train on, and others on passages that those do not show."""
    known = [row for row in starter_examples() if row.completion != REFUSAL]
    held_back = sample(known, _HELD_BACK, "held back")
    shown = {passage.id for row in held_back for passage in row.passages}
    unseen = [row for row in known if not any(passage.id in shown for passage in row.passages)]
    return sample(unseen, _TRAINED, "trained"), held_back


def answers(base: "ModelFiles", adapter: Path, asked: Sequence[Example]) -> list[str]:
    """What the base with an adapter answers, each word the most probable one."""
    from peft import PeftModel

    from serving.models import load, stop_tokens

    model, found_tokenizer = load(base)
    tokenizer: Any = found_tokenizer  # its types are unions of everything
    tuned: Any = PeftModel.from_pretrained(model, str(adapter)).eval()
    found = []
    for row in asked:
        turns = [{"role": turn.role, "content": turn.content} for turn in row.prompt]
        prompt = tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(model.device)
        whole = tuned.generate(
            **prompt,
            max_new_tokens=_MAX_TOKENS,
            do_sample=False,
            eos_token_id=list(stop_tokens(model, tokenizer)),
            pad_token_id=tokenizer.eos_token_id,
        )
        answer = whole[0, prompt["input_ids"].shape[1] :]
        found.append(tokenizer.decode(answer, skip_special_tokens=True).strip())
    return found


def main() -> None:
    from serving.default_model import SMOLLM2
    from serving.models import resolve
    from training.qlora import train
    from training.recipe import Recipe

    side, home = sys.argv[1], Path(sys.argv[2])
    trained_on, held_back = rows()
    base = resolve(SMOLLM2, home)
    with TemporaryDirectory(dir=home) as folder:
        recipe = Recipe(quantised=side == "qlora", epochs=1)
        before = process_time()
        trained = train(trained_on, recipe, base, Path(folder))
        computing, peak = process_time() - before, peak_memory()
        found = answers(base, Path(folder), held_back)
    score = fmean(f1(text, row.completion) for text, row in zip(found, held_back, strict=True))
    print(json.dumps(asdict(Result(trained.seconds, computing, peak, score))))


if __name__ == "__main__":
    main()
