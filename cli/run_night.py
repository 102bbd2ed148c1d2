"""The night, wired: what `phi3 train` runs now and the scheduler runs each night."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import TaskID

    from cli.wiring import Container
    from domain.adapters import TrainingRun
    from training.progress import TrainingProgress

JOB = f"{__name__}:run_scheduled"
"""Where the scheduler finds the night."""


def run_scheduled() -> None:
    """What the scheduler calls. Its persistent job store keeps this function's name."""
    from cli.local_server import with_model_server
    from cli.settings import read_settings
    from cli.wiring import Container

    with with_model_server(read_settings()) as settings, Container(settings) as container:
        run_night(container)


def run_night(container: "Container") -> "TrainingRun":
    """One night, with progress bars where there is a terminal. Raises what ended it.

    What is too old to be kept is deleted first.
    """
    from cli.printing import progress
    from cli.retention import delete_expired
    from serving.models import default_model, resolve
    from training.nightly import Nightly

    chosen = container.settings
    delete_expired(container)
    with progress() as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: "TrainingProgress") -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(step.stage)
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        return Nightly(
            ratings=container.ratings,
            turns=container.answers,
            grants=container.grants,
            adapters=container.adapters,
            runs=container.runs,
            server=container.server,
            base=resolve(chosen.model or default_model(), chosen.home),
            home=chosen.home,
            minimum=chosen.min_examples,
            budget=chosen.prompt_budget,
            max_tokens=chosen.max_tokens,
            tell=container.tell_channel,
            progress=show,
        ).run(datetime.now(UTC))
