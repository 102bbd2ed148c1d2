"""Runs a night with all parts wired: for `phi3 train`, and for the scheduler."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.command import command
from cli.printing import progress
from cli.retention import delete_expired
from cli.retrieval_again import plan_and_search_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.settings import Settings
    from cli.training_cluster import TrainingCluster
    from cli.wiring import Container
    from domain.adapters import TrainingRun
    from serving.memory.plan import MemoryPlan
    from training.nightly import Nightly
    from training.progress import ProgressListener, TrainingProgress
    from training.recipe import Recipe
    from training.report.nights import Nights

JOB = f"{__name__}:run_scheduled"
"""The path at which the scheduler finds the function."""


def run_scheduled() -> None:
    """The scheduler calls this function; its job store in the database contains the name.

    It first deletes what is too old, also if there is nothing to train on.
    """
    with command() as container:
        delete_expired(container)
        run_night(container)


def run_night(
    container: "Container",
    listen: "ProgressListener | None" = None,
    cluster: "TrainingCluster | None" = None,
) -> "TrainingRun":
    """Runs one night, with progress bars if there is a terminal. Raises the errors of the night.

    ``listen`` is called with its progress too. It trains in this process, or on a ``cluster``.

    If no model server is set or runs, one is started once it is clear that there is enough to
    train on.
    """
    from cli.local_server import model_server_on_demand
    from cli.night_bars import NightBars
    from cli.wiring import Container

    with (
        model_server_on_demand(container.settings) as (settings, start),
        Container(settings) as served,
        progress() as bars,
    ):
        draw = NightBars(bars)

        def show(step: "TrainingProgress") -> None:
            draw(step)
            if listen:
                listen(step)

        def start_server() -> None:
            served.server.move_to(start())

        return _nightly(served, start_server, show, cluster).run(datetime.now(UTC))


def _nightly(
    container: "Container",
    start_server: "Callable[[], None]",
    show: "ProgressListener",
    cluster: "TrainingCluster | None",
) -> "Nightly":
    from cli.memory import plan_if_known, told
    from serving.default_model import default_model
    from serving.models import resolve
    from training.golden import GoldenSet
    from training.nightly import Nightly
    from training.recipe import Recipe
    from training.report.reports import Reports
    from training.room import room_on

    chosen = container.settings
    is_here = cluster is None and _is_here(chosen)
    planned = plan_if_known(chosen) if is_here else None
    takes = chosen.night_takes or (planned.gives if planned else "nothing")
    recipe = _planned(
        Recipe(quantised=chosen.is_quantised, preferences=chosen.preferences), planned
    )
    return Nightly(
        plan=lambda: plan_and_search_again(container),
        adapters=container.adapters,
        runs=container.runs,
        night_rows=container.night_rows,
        compared=container.compared_nights,
        server=container.server,
        start_server=start_server,
        base=resolve(chosen.model or default_model(), chosen.home),
        home=chosen.home,
        reports=Reports(chosen.home / "nights", nights_of(container)),
        canary=container.canary,
        places=container.adapter_places,
        golden=GoldenSet(container.golden.all(), container.as_people_ask()),
        recipe=cluster.recipe(recipe) if cluster else recipe,
        train=cluster.train if cluster else None,
        make_room=lambda: room_on(container.server, takes),
        memory=told(planned) if planned else "",
        minimum=chosen.min_examples,
        budget=chosen.prompt_budget,
        max_tokens=chosen.max_tokens,
        tell=lambda run: tell_channel(container, run),
        progress=show,
    )


def _is_here(settings: "Settings") -> bool:
    """Whether the model server is on this machine, so that the night shares its memory."""
    from cli.local_server import is_loopback, own_url

    url = settings.server_url
    is_own = url == own_url(settings.server_port, settings.server_host)
    return is_own or is_loopback(urlsplit(url).hostname or "")


def _planned(recipe: "Recipe", plan: "MemoryPlan | None") -> "Recipe":
    """The recipe with what the memory plan says of how it trains, and of the tokens of a step."""
    if plan is None or plan.night is None:
        return recipe
    return replace(
        recipe,
        quantised=plan.training.weights is None,
        tokens_per_step=plan.night.tokens if plan.card.is_gpu else None,
        recomputes=plan.night.recomputes or None,
    )


def nights_of(container: "Container") -> "Nights":
    from records.came_in import Incoming
    from training.report.nights import Nights

    return Nights(
        container.runs,
        container.adapters,
        container.adapter_changes,
        container.trials,
        Incoming(container.database),
    )


def tell_channel(container: "Container", run: "TrainingRun") -> None:
    """Reports a night in Slack, if a channel is set for that. Raises Phi3Error."""
    chosen = container.settings
    # The bot of several workspaces has no channel that is for all of them.
    if chosen.slack_bot_token.get_secret_value() and chosen.report_channel:
        container.bot.reporting.report_now(run)
