"""Jobs: work that must survive a crash: questions to answer, sources and collections to read.

These events change a job's state; there are no other changes:

    event        from                  to
    taken        waiting, failed       running       the attempt is counted
    done         running               done
    failed       running               failed        tried again after a pause
    put off      running               waiting       the attempt is not counted
    lost         running               failed        its process ended, or lost the database
    given up     running               quarantined   the person was told why
    stopped      waiting, running,     done          a person did not want it any more
                 failed
    revived      failed, quarantined   waiting       by an operator; attempts begin at 0

A job is given up after three attempts, or at once after an error that another attempt would not
change. A job is put off while the messenger does not answer. An attempt is counted when it begins,
so that one that kills its process is counted too: if a job is taken for the fourth time, it is not
tried again; the person is told, and the job is given up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ATTEMPTS = 3
"""How many times a job is tried."""


class JobKind(StrEnum):
    """The kind of work: the job's ``key`` is a question's id, or a source's or collection's uri.

    AGAIN asks a question again whose answer somebody corrected: an answer's and a person's id.
    FORGET deletes what is stored about a person, this job too: the person's id. DIGEST sends what
    the documents do not answer: the team, or who reads it. GAP closes a gap: its id, and the id of
    a person who is told the answer. CARD does what the state of an expert's answer needs: its id.
    ADAPTER changes which adapter answers, as a person pressed: always the same key. REPORT posts a
    night's report: the run's id. RETRY lets a source that failed be read again: its uri. NOTICE
    tells admins what happened by itself: an adapter's name, or that it is an outage. OWNER tells
    who added a document that it is doubted: the person's id.
    """

    QUESTION = "question"
    SOURCE = "source"
    COLLECTION = "collection"
    AGAIN = "again"
    FORGET = "forget"
    DIGEST = "digest"
    GAP = "gap"
    CARD = "card"
    ADAPTER = "adapter"
    REPORT = "report"
    OWNER = "owner"
    RETRY = "retry"
    NOTICE = "notice"


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
    STOPPED = "stopped"
    REVIVED = "revived"


TRANSITIONS: Mapping[tuple[JobState, JobEvent], JobState] = {
    (JobState.WAITING, JobEvent.TAKEN): JobState.RUNNING,
    (JobState.FAILED, JobEvent.TAKEN): JobState.RUNNING,
    (JobState.RUNNING, JobEvent.DONE): JobState.DONE,
    (JobState.RUNNING, JobEvent.FAILED): JobState.FAILED,
    (JobState.RUNNING, JobEvent.PUT_OFF): JobState.WAITING,
    (JobState.RUNNING, JobEvent.LOST): JobState.FAILED,
    (JobState.RUNNING, JobEvent.GIVEN_UP): JobState.QUARANTINED,
    (JobState.WAITING, JobEvent.STOPPED): JobState.DONE,
    (JobState.RUNNING, JobEvent.STOPPED): JobState.DONE,
    (JobState.FAILED, JobEvent.STOPPED): JobState.DONE,
    (JobState.FAILED, JobEvent.REVIVED): JobState.WAITING,
    (JobState.QUARANTINED, JobEvent.REVIVED): JobState.WAITING,
}


def before(event: JobEvent) -> list[JobState]:
    """The states in which ``event`` may happen."""
    return [state for state, happens in TRANSITIONS if happens is event]


def after(event: JobEvent) -> JobState:
    """The one state that ``event`` leads to."""
    return TRANSITIONS[before(event)[0], event]


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that is to be added.

    Jobs with the same ``key`` run one after the other. So do jobs with the same ``request``: those
    that were requested together, or in the same thread. ``team`` is the workspace whose bot does
    the job, or empty if any process may, ``person`` who asked for it. ``report`` names the message,
    or the thread, at which the person is told. ``payload`` is JSON that only the code that added
    the job reads.
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
    """A job in the queue: a ``NewJob`` and its state.

    ``attempts`` counts how often it was taken. ``held_by`` names the process that holds it until
    ``held_until``; a waiting job may be held too, by the process that will take it next.
    ``reason`` is a sentence for people that says why the last attempt ended, or empty.
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
    """The process ``by`` holds a job since ``since``, and until ``until`` unless it renews that.

    A process gets a new name at each start, so that it is never confused with an earlier one.
    """

    by: str
    since: datetime
    until: datetime
