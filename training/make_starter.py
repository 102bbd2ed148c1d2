"""`make starter`: trains the starter adapter of SmolLM2, and puts it into the package."""

from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import torch
from rich.progress import Progress
from safetensors.torch import load_file, save_file

from serving.default_model import SMOLLM2
from serving.models import resolve
from serving.starter import FOLDER
from training import qlora
from training.progress import TrainingProgress
from training.publish import WEIGHTS, publish
from training.recipe import Recipe
from training.starter import rows_hash, starter_examples

RECIPE = Recipe(r=8, alpha=16, epochs=1, batch=2, quantised=False)
"""Half the rank of a night's adapter, since it is part of the package; 786 rows need one epoch."""


def main() -> None:
    """Trains some 55 minutes on two cores; replaces the adapter that was there."""
    rows = starter_examples()
    with Progress() as bars, TemporaryDirectory() as home:
        task = bars.add_task("Training")

        def show(step: TrainingProgress) -> None:
            bars.update(task, completed=step.done, total=step.total)

        def write(folder: Path) -> None:
            bars.print(qlora.train(rows, RECIPE, resolve(SMOLLM2, Path(home)), folder, show))
            _halve(folder / WEIGHTS)

        name = f"starter-{rows_hash()[:8]}"
        rmtree(FOLDER / name, ignore_errors=True)
        bars.print(
            publish(FOLDER, name, SMOLLM2, RECIPE, [row.answer_id for row in rows], write).name
        )


def _halve(weights: Path) -> None:
    """Stores the weights in float16: half the size, and answers are the same."""
    tensors = {key: tensor.to(torch.float16) for key, tensor in load_file(weights).items()}
    save_file(tensors, weights, metadata={"format": "pt"})


if __name__ == "__main__":
    main()
