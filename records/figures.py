"""What the database tells of the whole system, in a few queries whose cost is bounded.

None of them reads a table that grows with use: of the jobs only those that are not done, by their
partial index, and of these only so many.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from domain.adapters import AdapterState, Outcome
from domain.collections import Trouble
from domain.jobs import JobKind, JobState
from records.adapters import Adapters
from records.database import Database
from records.runs import Runs
from records.tables import NOT_DONE, collections, jobs

MOST = 20_000
"""The most jobs, and the most collections, that are counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """``jobs`` has those that are not done; ``waits_since``: when the oldest that waits was added.

    ``collections`` counts them by state: ``ok``, ``failing``, ``held_back`` or ``unread``.
    ``overdue`` is for how long the one has waited that waits longest to be read.
    """

    jobs: dict[tuple[JobKind, JobState], int]
    waits_since: datetime | None
    collections: dict[str, int]
    read_at: datetime | None
    overdue: timedelta
    night: "Night | None"
    night_runs: bool
    adapters: dict[AdapterState, str]


@dataclass(frozen=True, slots=True)
class Night:
    """The last night that ended."""

    outcome: Outcome
    ended_at: datetime
    took: timedelta
    examples: int


def read_figures(db: Database, now: datetime) -> Figures:
    """Raises DatabaseUnavailable."""
    counted, since = _jobs(db)
    by_state, read_at, next_at = _collections(db)
    runs = Runs(db).latest(2)
    ended = next((run for run in runs if run.finished_at), None)
    answering = Adapters(db).answering()
    named = {AdapterState.LIVE: answering.live, AdapterState.CANARY: answering.on_trial}
    return Figures(
        counted,
        since,
        by_state,
        read_at,
        max(now - next_at, timedelta()) if next_at else timedelta(),
        Night(
            ended.outcome, ended.finished_at, ended.finished_at - ended.started_at, ended.examples
        )
        if ended and ended.finished_at
        else None,
        Runs(db).running(now) is not None,
        {state: adapter.name for state, adapter in named.items() if adapter},
    )


def _jobs(db: Database) -> tuple[dict[tuple[JobKind, JobState], int], datetime | None]:
    read = select(jobs.c.kind, jobs.c.state, jobs.c.created_at).where(NOT_DONE).limit(MOST)
    few = read.subquery().c
    query = select(few.kind, few.state, func.count(), func.min(few.created_at))
    query = query.group_by(few.kind, few.state)
    with db.reading() as connection:
        rows = connection.execute(query).all()
    counted = {(kind, state): count for kind, state, count, _ in rows}
    waiting = (since for _, state, _, since in rows if state in (JobState.WAITING, JobState.FAILED))
    return counted, min(waiting, default=None)


def _collections(db: Database) -> tuple[dict[str, int], datetime | None, datetime | None]:
    """How many there are by state, when one was read last, and when the next one is due."""
    of = collections.c
    query = select(of.read_at, of.next_at, of.failures, of.told).limit(MOST)
    with db.reading() as connection:
        rows = connection.execute(query).all()
    counted = dict.fromkeys(("ok", "failing", "held_back", "unread"), 0)
    for row in rows:
        counted[_state(row.read_at, row.failures, row.told)] += 1
    return (
        counted,
        max((row.read_at for row in rows if row.read_at), default=None),
        min((row.next_at for row in rows if row.next_at), default=None),
    )


def _state(read_at: datetime | None, failures: int, told: Trouble) -> str:
    if failures:
        return "failing"
    if told is Trouble.HELD_BACK:
        return "held_back"
    return "ok" if read_at else "unread"
