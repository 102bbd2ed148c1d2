"""Work that must outlive a crash: questions to answer, sources to read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What is to be done: ``key`` is the question's id, or the source's uri."""

    QUESTION = "question"
    SOURCE = "source"


class JobState(StrEnum):
    """waiting → running → done | failed → running … | quarantined.

    A failed job is tried again; a quarantined one failed three times and waits for a person.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, as the queue keeps it.

    ``payload`` is JSON that only whoever added the job reads. ``attempts`` counts how often it was
    taken. ``held_by`` names the process that has it, until ``held_until``. ``reason`` says in a
    sentence for people why the last attempt ended.
    """

    id: int
    kind: JobKind
    key: str
    payload: str
    state: JobState
    attempts: int
    held_by: str
    held_until: datetime | None
    not_before: datetime
    reason: str
    created_at: datetime
    updated_at: datetime
