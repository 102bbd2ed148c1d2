"""Of all that could be put right, the one thing to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.needs.today import RoleState
from domain.adapters import Outcome, TrainingRun
from domain.jobs import JobState
from domain.open_work import OpenWork


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, why, and the page on which it is done; empty if it is done elsewhere."""

    do: str
    why: str
    path: str = ""


def steps(roles: Sequence[RoleState], work: OpenWork, night: TrainingRun | None) -> list[Step]:
    """What is to be done, the most urgent first. ``night`` is the last one that ended."""
    found = [
        Step(f"Start phi3 {role.name}", role.says or "It does not run on this machine.")
        for role in roles
        if not role.runs
    ]
    if not work.indexed_sources:
        found.append(
            Step(
                "Add the first documents",
                "Without any, every question is refused. In a terminal: phi3 ingest FOLDER.",
                "/sources",
            )
        )
    if given_up := work.jobs.get(JobState.QUARANTINED, 0):
        found.append(
            Step(
                f"Look at {_of(given_up, 'given-up job')}",
                "Somebody waits for an answer, or for a document. Each says why it failed.",
                "/jobs",
            )
        )
    if work.failed_sources:
        found.append(
            Step(
                f"Look at {_of(work.failed_sources, 'source')} that could not be read",
                "What they say is not found.",
                "/sources",
            )
        )
    if night and night.outcome is Outcome.FAILED:
        found.append(Step("Look why the last night failed", night.reason, "/nights"))
    if work.open_gaps:
        found.append(
            Step(
                f"Close {_of(work.open_gaps, 'gap')}",
                "People asked what the documents do not answer.",
                "/gaps",
            )
        )
    return found


def _of(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
