"""The progress of a night, for progress bars."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["Training", "Preferences", "Comparing", "Golden questions"]


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """``done`` of ``total`` steps of a stage; while training, ``loss`` is the last step's."""

    stage: Stage
    done: int
    total: int
    loss: float = 0.0


ProgressListener = Callable[[TrainingProgress], None]


def ignore(_: TrainingProgress) -> None:
    """A listener that does nothing."""
