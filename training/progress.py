"""The progress of a night, for progress bars."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """``done`` of ``total`` steps of a stage; while training, ``loss`` is the last step's."""

    stage: Literal["Training", "Comparing", "Golden questions"]
    done: int
    total: int
    loss: float = 0.0


ProgressListener = Callable[[TrainingProgress], None]


def ignore(_: TrainingProgress) -> None:
    """A listener that does nothing."""
