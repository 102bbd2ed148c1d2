"""The page Jobs: what waits and runs, and what was given up, to be tried again."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from console.page import Page
from console.paging import rows_of
from console.visit import Admin, Visit
from domain.console import ConsoleRole
from domain.errors import AlreadyChanged, NotFound
from domain.jobs import Job, JobKind, JobState
from domain.redaction import without_credentials
from records.grants import Grants
from records.jobs import Jobs

router = APIRouter()
PAGE = Page("Jobs", "/jobs", router, ConsoleRole.ADMIN)

SHOWN = 50
MOST_RETRIED = 200
"""How many jobs one press lets wait again."""

_STATES: dict[str, tuple[JobState, ...]] = {
    "": (JobState.QUARANTINED, JobState.FAILED, JobState.RUNNING, JobState.WAITING),
    **{state: (state,) for state in JobState if state is not JobState.DONE},
}
_OF_SOURCES = (JobKind.SOURCE, JobKind.COLLECTION, JobKind.RETRY)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job, and what it is about, as far as this visitor may know."""

    job: Job
    about: str

    @property
    def can_be_retried(self) -> bool:
        return self.job.state in (JobState.FAILED, JobState.QUARANTINED)


@router.get("/jobs")
def jobs(visit: Admin, state: str = "", after: int | None = None) -> Response:
    states = _STATES.get(state, _STATES[""])
    found = Jobs(visit.parts.database).open_page(states, SHOWN + 1, after)
    rows = rows_of(_shown(visit, found), SHOWN, lambda row: row.job.id)
    given_up = any(row.job.state is JobState.QUARANTINED for row in rows.rows)
    return visit.page("pages/jobs.html", jobs=rows, state=state, has_given_up=given_up)


@router.post("/jobs/{job_id}/retry")
def retry(visit: Admin, job_id: int) -> Response:
    """Raises AlreadyChanged if somebody else did."""
    with visit.change("retried job", str(job_id)):
        try:
            job = Jobs(visit.parts.database).revive(job_id, datetime.now(UTC))
        except NotFound as error:
            raise AlreadyChanged(
                "This job does not wait to be retried any more: somebody did that, or it ended."
            ) from error
    return visit.done("/jobs", f"Job {job.id} waits again, as if for the first time.")


@router.post("/jobs/retry-given-up")
def retry_given_up(visit: Admin) -> Response:
    """Lets everything that was given up wait again, as after an outage."""
    queue, now = Jobs(visit.parts.database), datetime.now(UTC)
    given_up = queue.open_page([JobState.QUARANTINED], MOST_RETRIED)
    retried = list[str]()
    with visit.parts.database.together():
        for job in given_up:
            with suppress(NotFound):  # somebody else has just retried it
                retried.append(str(queue.revive(job.id, now).id))
        if retried:
            visit.noted("retried jobs", ", ".join(retried))
    return visit.done("/jobs", f"{len(retried)} jobs wait again.")


def _shown(visit: Visit, found: list[Job]) -> list[ShownJob]:
    """Addresses of sources are shown only to those who may read them."""
    uris = {job.key for job in found if job.kind in _OF_SOURCES}
    grants = Grants(visit.parts.database)
    own = grants.readable(uris, visit.visitor.audience)
    readable = uris if visit.visitor.reads_all else own
    return [ShownJob(job, _about(job, readable)) for job in found]


def _about(job: Job, readable: Collection[str]) -> str:
    if job.kind not in _OF_SOURCES:
        return ""
    return without_credentials(job.key) if job.key in readable else "a source that you may not read"
