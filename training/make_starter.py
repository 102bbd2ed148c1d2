"""`make starter`: trains the starter adapter of SmolLM2, and puts it into the package."""

import json
from pathlib import Path
from shutil import move, rmtree
from tempfile import TemporaryDirectory

import torch
from rich.progress import Progress
from safetensors.torch import load_file, save_file

from serving.default_model import SMOLLM2
from serving.models import resolve
from serving.starter import FOLDER
from training import qlora
from training.progress import TrainingProgress
from training.publish import CONFIG, WEIGHTS, publish
from training.recipe import Recipe
from training.starter import rows_hash, starter_examples

RECIPE = Recipe(r=8, alpha=16, learning_rate=1e-3, epochs=1, batch=26, quantised=False, shares=True)
"""Half the rank of a night's adapter, since it is part of the package; so many rows need one epoch.

A step has about as many rows as a passage."""


def main() -> None:
    """Trains, and replaces the adapter that was there: 83 minutes on two cores with other work."""
    rows = starter_examples()
    with Progress() as bars, TemporaryDirectory() as home:
        task = bars.add_task("Training")

        def show(step: TrainingProgress) -> None:
            bars.update(task, completed=step.done, total=step.total)

        def write(folder: Path) -> None:
            bars.print(qlora.train(rows, RECIPE, resolve(SMOLLM2, Path(home)), folder, show))
            _halve(folder / WEIGHTS)
            _name_base(folder / CONFIG)

        name, made = f"starter-{rows_hash()[:8]}", Path(home) / "made"
        publish(made, name, SMOLLM2, RECIPE, [row.answer_id for row in rows], write)
        bars.print(install(made / name, FOLDER).name)


def install(made: Path, package: Path) -> Path:
    """Moves a published adapter into the package, where it is the only one; returns its folder.

    Everybody who runs the program may read it: unlike a night's adapter it has nobody's words.
    """
    for old in package.glob("starter-*"):
        rmtree(old)
    installed = Path(move(made, package / made.name))
    installed.chmod(0o755)
    for file in installed.iterdir():
        file.chmod(0o644)
    return installed


def _halve(weights: Path) -> None:
    """Stores the weights in float16, which takes half the space."""
    tensors = {key: tensor.to(torch.float16) for key, tensor in load_file(weights).items()}
    save_file(tensors, weights, metadata={"format": "pt"})


def _name_base(config: Path) -> None:
    """Names the base model, instead of the folder that it was in."""
    read = json.loads(config.read_text("utf-8")) | {"base_model_name_or_path": SMOLLM2}
    config.write_text(json.dumps(read, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
