"""The night's training on a GPU compared with a bare TRL loop on the same rows.

``python -m bench.gpu_training FOLDER``; with ``beside`` it only trains once, in NF4, and prints the
speed.
"""

import gc
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from bench.gpu import report
from bench.random_models import PHI3_SIZE
from bench.training import bare, rows
from domain.adapters import Example
from serving.models import ModelFiles, resolve
from training import memory, qlora
from training.recipe import Recipe

_ROWS = 32
_CHARACTERS = 700  # of a passage; the random model's tokenizer makes some 1,650 tokens of a row


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens a second, and GPU memory in GB: at its peak, reserved for it, and kept afterwards."""

    speed: float
    peak: float
    reserved: float
    left: float


def run(train: Callable[[], float]) -> Run:
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    speed = train()
    peak, reserved = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
    gc.collect()
    left = torch.cuda.memory_allocated() - before
    torch.cuda.empty_cache()
    return Run(speed, peak / 1e9, reserved / 1e9, left / 1e9)


def ours(base: ModelFiles, folder: Path, examples: list[Example], *, quantised: bool) -> float:
    recipe = replace(Recipe(), epochs=1, quantised=quantised)
    with TemporaryDirectory(dir=folder) as place:
        return qlora.train(examples, recipe, base, Path(place)).tokens_per_second


def _theirs(base: ModelFiles, folder: Path, examples: list[Example], *, quantised: bool) -> float:
    with redirect_stdout(sys.stderr):  # it prints its progress
        return bare(base, folder, examples, quantised=quantised)


def compare(base: ModelFiles, folder: Path, *, quantised: bool) -> None:
    kind = "NF4" if quantised else "LoRA in bfloat16"
    some = rows(_ROWS, _CHARACTERS)
    for loads_kernels in (ours, _theirs):
        loads_kernels(base, folder, some[:2], quantised=quantised)
    one = run(lambda: ours(base, folder, some, quantised=quantised))
    other = run(lambda: _theirs(base, folder, some, quantised=quantised))
    report(
        f"training, {kind}, tokens a second",
        f"{one.speed:.0f}",
        f"bare TRL: {other.speed:.0f}",
        f"{one.speed / other.speed:.2f}",
        "at least 0.9",
    )
    report(
        f"training, {kind}, peak GPU memory (reserved)",
        f"{one.peak:.1f} GB ({one.reserved:.1f})",
        f"bare TRL: {other.peak:.1f} GB ({other.reserved:.1f})",
        f"{one.left:.2f} GB kept afterwards",
    )


def recomputing(base: ModelFiles, folder: Path) -> None:
    """As on a GPU with so little memory that values are computed twice."""
    some = rows(_ROWS, _CHARACTERS)
    usual = memory.USABLE
    memory.USABLE = 0.0
    try:
        one = run(lambda: ours(base, folder, some, quantised=True))
    finally:
        memory.USABLE = usual
    report(
        "training, NF4, values computed twice, tokens a second",
        f"{one.speed:.0f}",
        result=f"peak {one.peak:.1f} GB ({one.reserved:.1f} reserved)",
    )


def main() -> None:
    folder = Path(sys.argv[1])
    base = resolve(str(folder / PHI3_SIZE), folder)
    if sys.argv[2:] == ["beside"]:
        speed = ours(base, folder, rows(_ROWS, _CHARACTERS), quantised=True)
        print(json.dumps({"speed": speed}))
        return
    compare(base, folder, quantised=True)
    compare(base, folder, quantised=False)
    recomputing(base, folder)


if __name__ == "__main__":
    main()
