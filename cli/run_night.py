"""The night, wired: what `phi3 train` runs now and the scheduler runs each night."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.command import command
from cli.printing import progress
from cli.retention import delete_expired

if TYPE_CHECKING:
    from rich.progress import TaskID

    from cli.wiring import Container
    from domain.adapters import TrainingRun
    from training.progress import TrainingProgress

JOB = f"{__name__}:run_scheduled"
"""Where the scheduler finds the night."""


def run_scheduled() -> None:
    """What the scheduler calls. Its persistent job store keeps this function's name.

    What is too old to be kept is deleted first, whether there is a model server or not.
    """
    with command() as container:
        delete_expired(container)
    with command(model_server=True) as container:
        run_night(container)


def run_night(container: "Container") -> "TrainingRun":
    """One night, with progress bars where there is a terminal. Raises what ended it."""
    from serving.models import default_model, resolve
    from training.nightly import Nightly

    chosen = container.settings
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
            tell=lambda run: tell_channel(container, run),
            progress=show,
        ).run(datetime.now(UTC))


def tell_channel(container: "Container", run: "TrainingRun") -> None:
    """Reports a night in Slack, where a channel is set for it. Raises MessengerError."""
    chosen = container.settings
    if chosen.slack_mode and chosen.report_channel:
        from bot.report import post_run

        post_run(container.slack, chosen.report_channel, run)
