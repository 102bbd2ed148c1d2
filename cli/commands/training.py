"""`phi3 train` and `phi3 adapters`: the nightly training, and the adapters that it made."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from cli.command import command
from cli.night_plan import night_plan
from cli.options import AsJson
from cli.printing import out, print_json, table
from cli.retention import delete_expired
from cli.run_night import run_night
from cli.trial_rows import trials_by_adapter

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.adapters import Adapter, Order, TrainingRun
    from training.preference_rows import Preferences

adapters = typer.Typer(help="The adapters that the nights have trained.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME")]


def train(
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Change nothing; say what the night would train on."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the night now: train on the ratings, compare, and promote the adapter if it is better."""
    if dry_run:
        _say_what_would_be_trained(as_json)
        return
    with command() as container:
        delete_expired(container)
        run = run_night(container)
    say_run(run, as_json)


def say_run(run: "TrainingRun", as_json: bool) -> None:
    """Prints what became of a night."""
    if as_json:
        print_json(
            {
                "outcome": run.outcome,
                "adapter": run.adapter,
                "report": run.report,
                "reason": run.reason,
            }
        )
        return
    out.print(f"{run.outcome}: {run.reason}")
    from training.report.files import page_of

    if page := page_of(run):
        out.print(f"The report: {page}")


def _say_what_would_be_trained(as_json: bool) -> None:
    with command() as container:
        from domain.adapters import Origin
        from domain.causes import Cause
        from records.retrieval_cases import RetrievalCases
        from serving.default_model import default_model
        from serving.size import is_large
        from training.preference_rows import in_words, preferences
        from training.rows_of_night import rows_of_night

        chosen, found = container.settings, night_plan(container)
        rows = rows_of_night(found.train, is_large=is_large(chosen.model or default_model()))
        preferred = preferences(rows, chosen.preferences)
        again = RetrievalCases(container.database).found()
    if as_json:
        print_json(
            {
                "train": [
                    {"answer_id": row.answer_id, "origin": row.origin, "by": row.by} for row in rows
                ],
                "held_back": [row.answer_id for row in found.held_back],
                "left_out": found.left_out,
                "shares": found.shares,
                "causes": {cause.name.lower(): found.causes.get(cause, 0) for cause in Cause},
                "retrieval_cases": [
                    asdict(one) | {"found": again.get(one.answer_id)}
                    for one in found.retrieval_cases
                ],
            }
            | (_counted(preferred) if preferred else {})
        )
        return
    starter = sum(row.origin is Origin.STARTER for row in rows)
    out.print(
        f"{len(rows)} to train on, of which {starter} came with the program, "
        f"{len(found.held_back)} to compare on."
    )
    if preferred:
        told = in_words(preferred.method, len(preferred.good), len(preferred.bad))
        out.print(f"{told}.")
    for reason, ids in found.left_out.items():
        out.print(f"{len(ids)} left out: {reason}")
    for person, share in found.shares.items():
        out.print(f"{person} gives {share:.0%} of what is trained on.")
    for cause, n in found.causes.items():
        out.print(f"{n} bad: {cause.in_words}")
    if found.retrieval_cases:
        by_now = sum(again.get(case.answer_id, False) for case in found.retrieval_cases)
        out.print(
            f"{len(found.retrieval_cases)} whose right passage was not found, "
            f"{by_now} found by now."
        )
    for case in found.retrieval_cases:
        if case.question and not again.get(case.answer_id):
            out.print(
                f"Not found: {case.question} ({case.source or case.wanted or case.answer_id})"
            )


def _counted(found: "Preferences") -> dict[str, Any]:
    counts = {"method": found.method, "good": len(found.good), "bad": len(found.bad)}
    return {"preferences": counts}


@adapters.command("list")
def list_adapters(as_json: AsJson = False) -> None:
    """List every adapter, newest first."""
    with command() as container:
        rows, trials = container.adapters.all(), trials_by_adapter(container)
        who_answers = container.live_adapter() or "the base model"
    none: tuple[str, None] = "", None
    if as_json:
        shown = [_adapter(row) | {"trial": trials.get(row.name, none)[1]} for row in rows]
        print_json({"adapters": shown})
        return
    out.print(
        table(
            ["state", "name", "made", "base model", "trial"],
            [
                (
                    *(row.state, row.name, f"{row.created_at:%F %H:%M}", row.base_model),
                    trials.get(row.name, none)[0],
                )
                for row in rows
            ],
        )
        if rows
        else f"No night has made an adapter yet: {who_answers} answers."
    )


@adapters.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show an adapter, and the run that trained it."""
    with command() as container:
        shown = _adapter(container.adapters.find(name))
        shown["trial"] = trials_by_adapter(container).get(name, ("", None))[1]
        made_by = next((run for run in container.runs.latest(1000) if run.adapter == name), None)
    if made_by:
        shown |= {"outcome": made_by.outcome, "reason": made_by.reason, "report": made_by.report}
        shown["evaluation"] = asdict(made_by.evaluation) if made_by.evaluation else None
    if as_json:
        print_json(shown)
    else:
        out.print(table(["", ""], shown.items()))


@adapters.command()
def promote(name: Name, as_json: AsJson = False) -> None:
    """Let an adapter answer from the next question on. That ends a trial."""
    with command() as container:
        container.adapter_changes.promote(name, _order())
        _say_live(container, as_json)


@adapters.command()
def rollback(as_json: AsJson = False) -> None:
    """End a trial; without one, go back to the adapter, starter or base model before."""
    with command() as container:
        container.adapter_changes.rollback(_order())
        _say_live(container, as_json)


def hold(
    lift: Annotated[
        bool, typer.Option("--lift", help="Let nights promote by themselves again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let no night promote an adapter by itself, until that is lifted."""
    with command() as container:
        changes = container.adapter_changes
        change = changes.lift(_order()) if lift else changes.hold(_order())
    if as_json:
        print_json({"on_hold": not lift, "since": change.at.isoformat()})
    elif lift:
        out.print("Nights promote better adapters by themselves again.")
    else:
        out.print(
            "No night promotes an adapter by itself now: what is better waits for "
            "`phi3 promote`. `phi3 hold --lift` ends that."
        )


def _order() -> "Order":
    from domain.adapters import TERMINAL, Order

    return Order(TERMINAL, datetime.now(UTC), f"{TERMINAL}:{uuid4()}")


def _say_live(container: "Container", as_json: bool) -> None:
    live = container.live_adapter()
    if as_json:
        print_json({"live": live})
    else:
        out.print(f"{live or 'The base model'} answers from the next question on.")


def _adapter(adapter: "Adapter") -> dict[str, Any]:
    return {**asdict(adapter), "created_at": adapter.created_at.isoformat()}
