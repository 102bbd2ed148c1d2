"""Training's tokens per second and peak memory compared with a bare TRL loop on the same rows.

Each measurement runs in its own process, since a process does not give back all its memory:
``python -m bench.training ours|short|bare lora|qlora FOLDER``. ``short`` is ours as it is where
memory is short: slower, with less of it.
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
_SIDES = ("ours", "short", "bare")

_KINDS = {"lora": "LoRA", "qlora": "QLoRA (NF4)"}


def measure(folder: Path) -> list[Figure]:
    from serving.default_model import SMOLLM2
    from serving.models import resolve

    resolve(SMOLLM2, folder)
    figures = [figure for kind in _KINDS for figure in _compared(kind, folder)]
    return [*figures, *lora.measure(folder)]


def _compared(kind: str, folder: Path) -> list[Figure]:
    """Ours and bare TRL in turn, and in each second round the last one first."""
    found: dict[str, list[tuple[float, float]]] = {side: [] for side in _SIDES}
    for n in range(_ROUNDS):
        for side in _SIDES if n % 2 == 0 else reversed(_SIDES):
            found[side].append(_run(side, kind, folder))
    return [
        *_against(f"training, {_KINDS[kind]}, tokens a second", found["ours"], found["bare"]),
        *_against("– where memory is short", found["short"], found["bare"]),
    ]


def _against(
    name: str, ours: Sequence[tuple[float, float]], bare: Sequence[tuple[float, float]]
) -> list[Figure]:
    """A figure for the tokens a second of each round, and one for its gigabytes."""
    speeds, peaks = zip(*ours, strict=True)
    other_speeds, other_peaks = zip(*bare, strict=True)
    return [
        Figure(
            name,
            f"{median(speeds):.0f}",
            f"bare TRL: {median(other_speeds):.0f}",
            _spread([one / other for one, other in zip(speeds, other_speeds, strict=True)]),
            "at least 1.5",
        ),
        Figure(
            "– peak memory",
            f"{median(peaks):.2f} GB",
            f"bare TRL: {median(other_peaks):.2f} GB",
            _spread([one / other for one, other in zip(peaks, other_peaks, strict=True)]),
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


def _ours(base: "ModelFiles", folder: Path, *, quantised: bool, short: bool) -> float:
    from training import memory
    from training.qlora import train
    from training.recipe import Recipe

    if short:
        memory.available = lambda: 0  # type: ignore[assignment,misc]
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
            _ours(base, Path(place), quantised=quantised, short=side == "short")
            if side != "bare"
            else bare(base, Path(place), rows(), quantised=quantised)
        )
    print(json.dumps([speed, peak_memory()]))


if __name__ == "__main__":
    main()
