"""Work that must outlive a crash: questions to answer, sources to read.

A job's state changes by an event; no other change exists:

    event        from                  to
    taken        waiting, failed       running       the attempt is counted
    done         running               done
    failed       running               failed        tried again after a pause
    put off      running               waiting       the attempt is not counted
    lost         running               failed        its process ended, or lost its database
    given up     running               quarantined   its person was told why
    revived      failed, quarantined   waiting       by an operator; attempts begin at 0

A job is given up after three attempts, or after an error that its person was told at once. Put
off is what waits for the messenger's outage to end. An attempt is counted when it begins, so one
that kills its process is counted too: taken for a fourth time, a job is only told and given up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ATTEMPTS = 3
"""How often a job is tried."""


class JobKind(StrEnum):
    """What is to be done: ``key`` is the question's id, or the source's uri."""

    QUESTION = "question"
    SOURCE = "source"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class JobEvent(StrEnum):
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    PUT_OFF = "put off"
    LOST = "lost"
    GIVEN_UP = "given up"
    REVIVED = "revived"


TRANSITIONS: Mapping[tuple[JobState, JobEvent], JobState] = {
    (JobState.WAITING, JobEvent.TAKEN): JobState.RUNNING,
    (JobState.FAILED, JobEvent.TAKEN): JobState.RUNNING,
    (JobState.RUNNING, JobEvent.DONE): JobState.DONE,
    (JobState.RUNNING, JobEvent.FAILED): JobState.FAILED,
    (JobState.RUNNING, JobEvent.PUT_OFF): JobState.WAITING,
    (JobState.RUNNING, JobEvent.LOST): JobState.FAILED,
    (JobState.RUNNING, JobEvent.GIVEN_UP): JobState.QUARANTINED,
    (JobState.FAILED, JobEvent.REVIVED): JobState.WAITING,
    (JobState.QUARANTINED, JobEvent.REVIVED): JobState.WAITING,
}


def before(event: JobEvent) -> list[JobState]:
    """The states in which ``event`` can happen."""
    return [state for state, happens in TRANSITIONS if happens is event]


def after(event: JobEvent) -> JobState:
    """The one state that ``event`` leads to."""
    return TRANSITIONS[before(event)[0], event]


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a job is when it is added.

    Of jobs with the same ``key`` only one runs at a time; so of jobs with the same ``request``,
    which are those asked for together, or in the same thread. ``team`` is the workspace whose bot
    does it, ``person`` who asked. ``report`` names the message, or the thread, where the person is
    told. ``payload`` is JSON that only the code that added the job reads.
    """

    kind: JobKind
    key: str
    request: str
    team: str
    person: str
    report: str
    payload: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, as the queue keeps it: a ``NewJob`` and how far it is.

    ``attempts`` counts how often it was taken. ``held_by`` names the process that has it until
    ``held_until``; a waiting job may be held too, by the process that is about to take it.
    ``reason`` says in a sentence for people why the last attempt ended, and is empty before.
    """

    id: int
    kind: JobKind
    key: str
    request: str
    team: str
    person: str
    report: str
    payload: str
    state: JobState
    attempts: int
    held_by: str
    held_until: datetime | None
    not_before: datetime
    reason: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """The process ``by`` has a job from ``since``, and until ``until`` if it does not renew that.

    A process's name is made anew at each start, so nothing is taken for the one before it.
    """

    by: str
    since: datetime
    until: datetime
