"""A running night has one bar for each of its stages, with the loss while it trains."""

import io

from rich.console import Console
from rich.progress import Progress

from cli.night_bars import NightBars
from training.progress import TrainingProgress


def bars_after(*steps: TrainingProgress) -> list[tuple[str, float, float | None]]:
    """What each bar says, how far it is, and where it ends."""
    drawn = Progress(console=Console(file=io.StringIO()))
    listen = NightBars(drawn)
    for step in steps:
        listen(step)
    return [(task.description, task.completed, task.total) for task in drawn.tasks]


def test_training_steps_move_one_bar_that_says_the_last_loss() -> None:
    steps = (TrainingProgress("Training", n, 60, 2 / n) for n in range(1, 31))
    assert bars_after(*steps) == [("Training, loss 0.07", 30, 60)]


def test_a_training_that_goes_on_from_a_checkpoint_has_its_bar() -> None:
    assert bars_after(TrainingProgress("Training", 41, 60, 0.5)) == [
        ("Training, loss 0.50", 41, 60)
    ]


def test_each_model_has_its_bar_while_both_are_asked_the_same() -> None:
    asked = [TrainingProgress("Comparing", n, 3) for n in (1, 2, 3)]
    assert bars_after(TrainingProgress("Training", 1, 1, 1.0), *asked, *asked[:2]) == [
        ("Training, loss 1.00", 1, 1),
        ("The live model answers", 3, 3),
        ("The new adapter answers", 2, 3),
    ]


def test_golden_questions_have_a_bar_without_a_loss() -> None:
    assert bars_after(TrainingProgress("Golden questions", 2, 2)) == [("Golden questions", 2, 2)]
