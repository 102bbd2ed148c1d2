"""The bars of a running night: its training steps with the loss, then what each model answers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from training.progress import TrainingProgress

_FIRST, _SECOND = "The live model answers", "The new adapter answers"


class NightBars:
    """Listens to a night, and draws one bar for each of its stages.

    Both models are asked the same questions, one model after the other, so that stage comes twice.
    """

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._stage = ""
        self._task: TaskID | None = None
        self._compared = 0

    def __call__(self, step: "TrainingProgress") -> None:
        if self._task is None or step.stage != self._stage or step.done == 1:
            self._begin(step)
            self._task = self._bars.add_task(self._name(step))
        self._bars.update(
            self._task, description=self._name(step), completed=step.done, total=step.total
        )

    def _begin(self, step: "TrainingProgress") -> None:
        self._stage = step.stage
        self._compared += step.stage == "Comparing"

    def _name(self, step: "TrainingProgress") -> str:
        if step.stage == "Comparing":
            return _FIRST if self._compared == 1 else _SECOND
        return f"{step.stage}, loss {step.loss:.2f}" if step.loss else step.stage
