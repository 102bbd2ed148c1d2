"""`phi3 jobs`: the questions and sources that wait, and those that were given up."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.options import LARGEST, AsJson
from cli.printing import out, print_json, table
from domain.jobs import JobState
from domain.redaction import without_credentials

if TYPE_CHECKING:
    from domain.jobs import Job

jobs = typer.Typer(help="Questions, sources and collections that wait.", no_args_is_help=True)

States = Annotated[
    list[JobState] | None, typer.Option("--state", help="Only jobs in this state; repeatable.")
]
Everything = Annotated[bool, typer.Option("--all", help="Also jobs that are done.")]
Ids = Annotated[list[int], typer.Argument(min=1, max=LARGEST, metavar="ID…")]


@jobs.command("list")
def list_jobs(state: States = None, all_: Everything = False, as_json: AsJson = False) -> None:
    """List jobs that wait, run or were given up, each with its reason."""
    if state and all_:
        raise typer.BadParameter("give either --state or --all")
    not_done = [each for each in JobState if each is not JobState.DONE]
    wanted = state or (list(JobState) if all_ else not_done)
    with command() as container:
        rows = container.jobs.in_states(wanted)
    if as_json:
        print_json({"jobs": [_row(job) for job in rows]})
        return
    columns = ["id", "kind", "state", "attempts", "key", "reason"]
    out.print(
        table(
            columns,
            [(job.id, job.kind, job.state, job.attempts, _key(job), job.reason) for job in rows],
        )
        if rows
        else "No job is open or quarantined."
    )


@jobs.command()
def retry(ids: Ids, as_json: AsJson = False) -> None:
    """Let failed or quarantined jobs be tried again, as if for the first time: all, or none."""
    with command() as container, container.database.together():
        revived = [container.jobs.revive(job_id, datetime.now(UTC)) for job_id in ids]
    if as_json:
        print_json({"jobs": [_row(job) for job in revived]})
        return
    for job in revived:
        out.print(f"Job {job.id} waits again: {job.kind} {_key(job)}")


def _key(job: "Job") -> str:
    return without_credentials(job.key)


def _row(job: "Job") -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "key": _key(job),
        "state": job.state,
        "attempts": job.attempts,
        "reason": job.reason,
        "not_before": job.not_before.isoformat(),
        "updated_at": job.updated_at.isoformat(),
    }
