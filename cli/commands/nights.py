"""`phi3 nights`: what each night decided, and where its page is."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.command import command
from cli.options import LARGEST, AsJson
from cli.printing import out, print_json, table

if TYPE_CHECKING:
    from domain.adapters import TrainingRun

Limit = Annotated[int, typer.Option(min=1, max=LARGEST, help="How many nights to list.")]


def nights(limit: Limit = 20, as_json: AsJson = False) -> None:
    """List the nights, newest first: what each decided, and the page to open in a browser."""
    with command() as container:
        runs = container.runs.latest(limit)
    found = [_row(run) for run in runs]
    if as_json:
        print_json({"nights": found})
        return
    if not found:
        out.print("No night has run yet.")
        return
    out.print(table(["began", "outcome", "adapter", "gain"], map(_cells, runs)))
    if page := next((row["page"] for row in found if row["page"]), None):
        out.print(f"The newest page: {page}")


def _cells(run: "TrainingRun") -> tuple[str, str, str, str]:
    gain = f"{run.evaluation.gain:+.3f}" if run.evaluation else ""
    return f"{run.started_at:%F %H:%M}", run.outcome, run.adapter or "", gain


def _row(run: "TrainingRun") -> dict[str, Any]:
    """``page`` is None if it was not written, or not on this machine."""
    from training.report.files import page_of

    page = page_of(run)
    return {
        "run": run.id,
        "began": run.started_at.isoformat(),
        "outcome": run.outcome,
        "reason": run.reason,
        "adapter": run.adapter,
        "gain": run.evaluation.gain if run.evaluation else None,
        "page": str(page) if page else None,
    }
