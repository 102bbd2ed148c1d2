"""The job queue: which jobs wait, which process holds each, and how each ended.

All SQL that changes a job's state is here; ``domain.jobs`` describes the states. Times come from
the caller's clock, so the clocks of processes that share a database may differ only by a few
seconds.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    and_,
    exists,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from domain.errors import NotFound
from domain.jobs import ATTEMPTS, Hold, Job, JobEvent, JobKind, JobState, NewJob, after, before
from records.database import Database
from records.metrics import job_ended
from records.rows import columns, every, first, insert, values
from records.tables import NOT_DONE, jobs

_JOB = columns(jobs, Job)
STOPPED = "A person pressed Stop."
"""The reason of jobs that nobody wants any more."""
LOST = "The process that had it ended, or lost the database."
"""The reason of jobs whose process may have been killed at any point."""


class Jobs:
    """Every method raises DatabaseUnavailable.

    A process can change a job only while it holds it. If its hold has expired and another process
    has taken the job since, its changes have no effect.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, wanted: Iterable[NewJob]) -> list[int]:
        """Adds jobs in one transaction; returns the ids of those whose request is new."""
        with self._db.session() as connection:
            return sorted(add_jobs(connection, wanted).values())

    def due(self, team: str, now: datetime, limit: int = 100) -> list[Job]:
        """Jobs of ``team``, or of none, that any process may take: of each kind at most ``limit``.

        Questions come before sources, and these before the rest, so that none waits for what
        may take hours; of a kind, those that wait longest come first. Before that it frees the
        jobs, of all teams, whose processes have ended.
        """
        self._free_lost(now)
        is_due = (
            NOT_DONE,
            jobs.c.team.in_(["", team]),
            _is_free(now, [""]),
            *_not_behind_another(),
        )
        of_kind = select(*_JOB).where(*is_due).order_by(jobs.c.not_before, jobs.c.id).limit(limit)
        with self._db.reading() as connection:
            kinds = every(connection, JobKind, select(jobs.c.kind).where(*is_due).distinct())
            return [
                job
                for kind in sorted(kinds, key=_urgency)
                for job in every(connection, Job, of_kind.where(jobs.c.kind == kind))
            ]

    def take(self, job_id: int, hold: Hold) -> Job | None:
        """Begins an attempt and counts it; returns None if the job is not free or not due.

        If several processes try at once, one gets it. None is also returned while another job with
        the same key or request runs, and while an earlier job of the same request has not begun.
        """
        # On SQLite the transaction locks the whole database, on PostgreSQL the row.
        free = (
            select(jobs.c.id)
            .where(jobs.c.id == job_id, _is_free(hold.since, ["", hold.by]), *_not_behind_another())
            .with_for_update(skip_locked=True, of=jobs)
        )
        taken = (
            update(jobs)
            .where(jobs.c.id == job_id)
            .values(
                state=after(JobEvent.TAKEN),
                attempts=jobs.c.attempts + 1,
                held_by=hold.by,
                held_until=hold.until,
                updated_at=hold.since,
            )
            .returning(*_JOB)
        )
        with self._db.session() as connection:
            if connection.execute(free).first() is None:
                return None
            try:
                with connection.begin_nested():
                    return Job(*connection.execute(taken).one())
            except IntegrityError:  # another took one with its key or request at the same moment
                return None

    def set_down(self, job_id: int, hold: Hold) -> None:
        """Lets any process take a job that ``take`` did not give to its holder."""
        statement = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.held_by == hold.by)
            .where(jobs.c.state.in_(before(JobEvent.TAKEN)))
            .values(held_by="", held_until=None)
        )
        with self._db.session() as connection:
            connection.execute(statement)

    def renew(self, job_ids: Collection[int], hold: Hold) -> frozenset[int]:
        """Extends the hold on jobs; returns the ids of those that ``hold.by`` still held."""
        statement = (
            update(jobs)
            .where(jobs.c.id.in_(job_ids), jobs.c.held_by == hold.by)
            .values(held_until=hold.until)
            .returning(jobs.c.id)
        )
        with self._db.session() as connection:
            return frozenset(connection.execute(statement).scalars())

    def finish(self, job: Job, now: datetime) -> None:
        self._end(job, JobEvent.DONE, now, "", now)

    def fail(self, job: Job, now: datetime, reason: str, pause: timedelta) -> None:
        """Marks the job as failed; it is tried again after ``pause``."""
        self._end(job, JobEvent.FAILED, now, reason, now + pause)

    def put_off(self, job: Job, now: datetime, reason: str, pause: timedelta) -> None:
        """Lets the job wait for ``pause``; this attempt is not counted."""
        attempts = max(job.attempts - 1, 0)
        self._end(job, JobEvent.PUT_OFF, now, reason, now + pause, attempts)

    def give_up(self, job: Job, now: datetime, reason: str) -> None:
        # A job that ended its process each time was taken once more, only to tell the person.
        self._end(job, JobEvent.GIVEN_UP, now, reason, now, min(job.attempts, ATTEMPTS))

    def take_from_all(self, reason: str) -> None:
        """Takes open jobs from the processes that held them, which are not there any more.

        They get a reason to look first whether they were done after all.
        """
        is_open = jobs.c.state != JobState.DONE
        with self._db.session() as connection:
            running = update(jobs).where(jobs.c.state.in_(before(JobEvent.LOST)))
            connection.execute(running.values(state=after(JobEvent.LOST)))
            held = update(jobs).where(is_open, jobs.c.held_by != "")
            connection.execute(held.values(held_by="", held_until=None))
            unsaid = update(jobs).where(is_open, jobs.c.reason == "")
            connection.execute(unsaid.values(reason=reason))

    def revive(self, job_id: int, now: datetime) -> Job:
        """Lets a failed or quarantined job wait again, with 0 attempts. Raises NotFound."""
        statement = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(before(JobEvent.REVIVED)))
            .values(
                state=after(JobEvent.REVIVED),
                attempts=0,
                held_by="",
                held_until=None,
                not_before=now,
                created_at=now,  # a job waits for the end of an outage only up to a certain age
                updated_at=now,
            )
            .returning(*_JOB)
        )
        with self._db.session() as connection:
            row = connection.execute(statement).first()
            found = connection.execute(select(jobs.c.state).where(jobs.c.id == job_id)).scalar()
        if row is not None:
            return Job(*row)
        if found is None:
            raise NotFound(f"There is no job {job_id}.")
        raise NotFound(f"Job {job_id} is {found}: only failed or quarantined jobs can be retried.")

    def set_report(self, request: str, report: str) -> None:
        """Stores which message reports the results of all jobs of ``request``."""
        statement = update(jobs).where(jobs.c.request == request).values(report=report)
        with self._db.session() as connection:
            connection.execute(statement)

    def of_request(self, request: str) -> list[Job]:
        """The jobs that were requested together, in their order."""
        return self._list(jobs.c.request == request, order=(jobs.c.id,))

    def of_key(self, kind: JobKind, key: str) -> list[Job]:
        """The jobs with a key, in their order."""
        return self._list(jobs.c.kind == kind, jobs.c.key == key, order=(jobs.c.id,))

    def in_states(self, states: Iterable[JobState], kind: JobKind | None = None) -> list[Job]:
        """Jobs in one of ``states``; those that wait longest come first."""
        wanted = list(states)
        conditions: list[ColumnElement[bool] | TextClause] = [jobs.c.state.in_(wanted)]
        if JobState.DONE not in wanted:
            conditions.append(NOT_DONE)  # in these words, so that the index is used
        if kind is not None:
            conditions.append(jobs.c.kind == kind)
        return self._list(*conditions, order=(jobs.c.not_before, jobs.c.id))

    def open_page(
        self, states: Iterable[JobState], limit: int, before: int | None = None
    ) -> list[Job]:
        """Jobs in some of the states but DONE, the newest first; with ``before``, older ones."""
        query = select(*_JOB).where(NOT_DONE, jobs.c.state.in_(list(states)))
        if before is not None:
            query = query.where(jobs.c.id < before)
        with self._db.reading() as connection:
            return every(connection, Job, query.order_by(jobs.c.id.desc()).limit(limit))

    def _free_lost(self, now: datetime) -> None:
        """Frees the jobs of processes that have ended. Writes only if there are any."""
        lost = and_(NOT_DONE, jobs.c.held_by != "", jobs.c.held_until < now)
        free = {"held_by": "", "held_until": None, "reason": LOST, "updated_at": now}
        with self._db.reading() as connection:
            if first(connection, int, select(jobs.c.id).where(lost).limit(1)) is None:
                return
        with self._db.session() as connection:
            running = jobs.c.state.in_(before(JobEvent.LOST))
            statement = update(jobs).where(lost, running)
            connection.execute(statement.values(free | {"state": after(JobEvent.LOST)}))
            connection.execute(update(jobs).where(lost).values(free))

    def _end(
        self,
        job: Job,
        event: JobEvent,
        now: datetime,
        reason: str,
        not_before: datetime,
        attempts: int | None = None,
    ) -> None:
        statement = update(jobs).where(
            jobs.c.id == job.id,
            jobs.c.held_by == job.held_by,
            jobs.c.attempts == job.attempts,
            jobs.c.state.in_(before(event)),
        )
        with self._db.session() as connection:
            connection.execute(
                statement.values(
                    state=after(event),
                    attempts=job.attempts if attempts is None else attempts,
                    held_by="",
                    held_until=None,
                    not_before=not_before,
                    reason=reason,
                    updated_at=now,
                )
            )
        job_ended(job.kind, event)

    def _list(
        self,
        *conditions: ColumnElement[bool] | TextClause,
        order: tuple[ColumnElement[Any], ...],
    ) -> list[Job]:
        query = select(*_JOB).where(*conditions).order_by(*order)
        with self._db.reading() as connection:
            return every(connection, Job, query)


def add_jobs(
    connection: Connection, wanted: Iterable[NewJob], hold: Hold | None = None
) -> dict[str, int]:
    """Adds jobs within a transaction; returns, by key, the ids of those whose request is new.

    With ``hold`` only that process may take them. The same transaction may store what the jobs are
    about.
    """
    rows = [
        {
            **values(new),
            "state": JobState.WAITING,
            "attempts": 0,
            "held_by": hold.by if hold else "",
            "held_until": hold.until if hold else None,
            "not_before": hold.since if hold else new.created_at,
            "reason": "",
            "updated_at": hold.since if hold else new.created_at,
        }
        for new in wanted
    ]
    if not rows:
        return {}
    statement = (
        insert(connection, jobs)
        .on_conflict_do_nothing(index_elements=["request", "key"])
        .returning(jobs.c.key, jobs.c.id)
    )
    return {row.key: row.id for row in connection.execute(statement, rows)}


def stop_jobs(
    connection: Connection, keys: Select[Any], wanted: Callable[[str], bool], now: datetime
) -> list[int]:
    """Ends the open jobs of questions with these keys; returns the ids of the jobs.

    ``wanted`` says by its payload whether a job is ended. A process that does one of them does not
    hold it any more.
    """
    is_open = NOT_DONE, jobs.c.state.in_(before(JobEvent.STOPPED))
    of_keys = jobs.c.kind == JobKind.QUESTION, jobs.c.key.in_(keys)
    found = connection.execute(select(jobs.c.id, jobs.c.payload).where(*is_open, *of_keys))
    statement = (
        update(jobs)
        .where(*is_open, jobs.c.id.in_([row.id for row in found if wanted(row.payload)]))
        .values(
            state=after(JobEvent.STOPPED),
            held_by="",
            held_until=None,
            reason=STOPPED,
            updated_at=now,
        )
        .returning(jobs.c.id)
    )
    return list(connection.execute(statement).scalars())


def _urgency(kind: JobKind) -> tuple[int, str]:
    """The less, the sooner."""
    return {JobKind.QUESTION: 0, JobKind.SOURCE: 1}.get(kind, 2), kind


@cache  # building it takes as long as asking for it
def _not_behind_another() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That no job with the same key or request runs, and no earlier one of the request waits."""
    other = jobs.alias("other")
    runs = text("other.state = 'running'")  # in these words, so that the index is used
    waits = and_(other.c.state == JobState.WAITING, other.c.reason == "", other.c.id < jobs.c.id)
    same_key = exists().where(runs, other.c.kind == jobs.c.kind, other.c.key == jobs.c.key)
    same_request = exists().where(or_(runs, waits), other.c.request == jobs.c.request)
    return ~same_key, ~same_request


def _is_free(now: datetime, holders: list[str]) -> ColumnElement[bool]:
    return and_(
        jobs.c.state.in_(before(JobEvent.TAKEN)),
        jobs.c.not_before <= now,
        jobs.c.held_by.in_(holders),
    )
