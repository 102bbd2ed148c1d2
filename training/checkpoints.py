"""Keeps how far a training has got, so that one whose process was killed goes on from there.

The checkpoints are in the unfinished folder of the adapter. A checkpoint counts once it is complete
and on the disk, and only for a training of the same rows, recipe and base.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import Any

from safetensors import SafetensorError
from transformers import TrainerCallback

from domain.adapters import Example
from domain.errors import TrainingFailed
from training.recipe import Recipe
from training.unfinished import CHECKPOINTS, COMPLETE
from training.workers import agreed

EVERY = 300.0
"""Seconds between checkpoints. One of SmolLM2 takes 60 MB, one of Phi-3.5-mini some 300."""

_OF = "of.txt"

_HOW = ("tokens_per_step", "recomputes")
"""What of a recipe says how a step is computed: the adapter is the same, whatever it is."""


class Checkpoints(TrainerCallback):
    """Asks the trainer for a checkpoint every five minutes, and marks those that are complete.

    ``at_end``: also after the last step, since another stage follows. ``then`` is called with the
    folder of the checkpoints after each.
    """

    def __init__(
        self, then: Callable[[Path], None] = lambda _: None, *, at_end: bool = False
    ) -> None:
        self._saved, self._then = monotonic(), then
        self._at_end = at_end

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args
        if state.global_step >= state.max_steps:
            control.should_save = self._at_end
        elif agreed(monotonic() - self._saved >= EVERY):
            control.should_save = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del control
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        with saving():
            for file in folder.iterdir():
                with file.open("rb") as written:
                    os.fsync(written.fileno())
            (folder / COMPLETE).touch()
        self._then(Path(args.output_dir))
        self._saved = monotonic()


def prepare(folder: Path, key: str) -> Path | None:
    """Makes the folder for the checkpoints of the training that is made from ``key``.

    Returns the last complete checkpoint in it; None if there is none, or they are of another
    training, which are removed.
    """
    checkpoints = folder / CHECKPOINTS
    of = checkpoints / _OF
    if not of.is_file() or of.read_text("utf-8") != key:
        rmtree(checkpoints, ignore_errors=True)
        checkpoints.mkdir()
        of.write_text(key, "utf-8")
    return last_complete(checkpoints)


def last_complete(checkpoints: Path) -> Path | None:
    """The last complete checkpoint in a folder; None if there is none."""
    complete = [path.parent for path in checkpoints.glob(f"checkpoint-*/{COMPLETE}")]
    return max(complete, key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def key_of(examples: Sequence[Example], recipe: Recipe, base: str, begins_with: str = "") -> str:
    """A hash of everything that decides what a training's adapter is."""
    rows = [
        [[(turn.role, turn.content) for turn in row.prompt], row.completion, row.weight]
        + ([row.rejected] if recipe.preferences != "off" else [])
        for row in examples
    ]
    decides = {name: value for name, value in asdict(recipe).items() if name not in _HOW}
    made_from = json.dumps([rows, decides, base, begins_with], ensure_ascii=False)
    return sha256(made_from.encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def saving() -> Iterator[None]:
    """Says in one line that a training's files cannot be written. Raises TrainingFailed."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as e:
        raise TrainingFailed(
            "The training cannot be stored: the disk may be full.", f"{type(e).__name__}: {e}"
        ) from e
