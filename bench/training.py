"""Training's tokens per second and peak memory compared with a bare TRL loop on the same rows.

Each measurement runs in its own process, since a process does not give back all its memory:
``python -m bench.training ours|bare lora|qlora FOLDER``.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from bench import HANDBOOK, Figure, lora, peak_memory
from domain.adapters import Example, Origin
from domain.prompt import render
from domain.questions import Audience, Passage

if TYPE_CHECKING:
    from serving.models import ModelFiles

_ROWS = 16
_ROUNDS = 3

_KINDS = {"lora": "LoRA", "qlora": "QLoRA (NF4)"}


def measure(folder: Path) -> list[Figure]:
    from serving.default_model import SMOLLM2
    from serving.models import resolve

    resolve(SMOLLM2, folder)
    figures = [figure for kind in _KINDS for figure in _compared(kind, folder)]
    return [*figures, *lora.measure(folder)]


def _compared(kind: str, folder: Path) -> list[Figure]:
    """Ours and bare TRL in turn, and in each second round the other one first."""
    rounds = []
    for n in range(_ROUNDS):
        order = ("ours", "bare") if n % 2 == 0 else ("bare", "ours")
        found = {side: _run(side, kind, folder) for side in order}
        rounds.append((found["ours"], found["bare"]))
    ours, bare = ([pair[side] for pair in rounds] for side in (0, 1))
    return [
        Figure(
            f"training, {_KINDS[kind]}, tokens a second",
            f"{median(speed for speed, _ in ours):.0f}",
            f"bare TRL: {median(speed for speed, _ in bare):.0f}",
            _spread([one / other for (one, _), (other, _) in rounds]),
            "at least 1.5",
        ),
        Figure(
            "– peak memory",
            f"{median(peak for _, peak in ours):.2f} GB",
            f"bare TRL: {median(peak for _, peak in bare):.2f} GB",
            _spread([one / other for (_, one), (_, other) in rounds]),
            "at most 0.7",
        ),
    ]


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _run(side: str, kind: str, folder: Path) -> tuple[float, float]:
    """Tokens per second, and the process's peak resident memory in GB."""
    command = [sys.executable, "-m", "bench.training", side, kind, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    speed, peak = json.loads(done.stdout.splitlines()[-1])
    return speed, peak


def rows(count: int = _ROWS, characters: int = 1_000) -> list[Example]:
    """Questions of the sample handbook with three passages each, as in a served prompt."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(HANDBOOK.glob("*.md"))]
    passages = [
        Passage(str(n), "", "Handbook", text[at : at + characters], 1, 1, Audience.everyone())
        for n, text in enumerate(texts)
        for at in (0, characters)
    ]
    lines = (HANDBOOK.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()[:count]
    return [
        Example(
            row["id"],
            row["question"],
            render(row["question"], passages[n % 20 : n % 20 + 3]),
            row["answer"],
            Origin.CORRECTION,
            row["id"],
        )
        for n, row in enumerate(map(json.loads, lines))
    ]


def _ours(base: "ModelFiles", folder: Path, *, quantised: bool) -> float:
    from training.qlora import train
    from training.recipe import Recipe

    recipe = Recipe(epochs=1, quantised=quantised)
    return train(rows(), recipe, base, folder).tokens_per_second


def bare(
    base: "ModelFiles",
    folder: Path,
    examples: Sequence[Example],
    *,
    quantised: bool = True,
) -> float:
    """TRL used as its documentation shows, with the same model, batch and rows."""
    import torch
    from peft import LoraConfig
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from serving.models import load, stop_tokens
    from training.recipe import Recipe
    from training.rows import dataset, fitting

    recipe, on_gpu = Recipe(), torch.cuda.is_available()
    model, tokenizer = load(base, quantised=quantised)
    fit = fitting(examples, tokenizer, stop_tokens(model, tokenizer), recipe.max_length)
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder),
            per_device_train_batch_size=recipe.batch if on_gpu else 1,
            gradient_accumulation_steps=1 if on_gpu else recipe.batch,
            learning_rate=recipe.rate(model.num_parameters()),
            num_train_epochs=1,
            bf16=True,
            use_cpu=not on_gpu,
            gradient_checkpointing=False,
            dataset_kwargs={"skip_prepare_dataset": True},
            max_length=None,
            report_to="none",
            disable_tqdm=True,
            save_strategy="no",
        ),
        train_dataset=dataset(fit),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=recipe.r,
            lora_alpha=recipe.alpha,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    began = perf_counter()
    trainer.train()
    return sum(len(row.ids) for row in fit) / (perf_counter() - began)


def main() -> None:
    from serving.default_model import SMOLLM2
    from serving.models import resolve

    side, quantised, home = sys.argv[1], sys.argv[2] == "qlora", Path(sys.argv[3])
    base = resolve(SMOLLM2, home)
    with TemporaryDirectory(dir=home) as place:
        speed = (
            _ours(base, Path(place), quantised=quantised)
            if side == "ours"
            else bare(base, Path(place), rows(), quantised=quantised)
        )
    print(json.dumps([speed, peak_memory()]))


if __name__ == "__main__":
    main()
