"""The jobs that this process holds, and how long it may still write for each."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from uuid import uuid4

from domain.jobs import Hold
from records.jobs import Jobs

LEASE = timedelta(seconds=30)
"""How long after a bot has died its jobs may be taken by another bot or by itself."""


class Leases:
    """The leases of this process's jobs; ``length`` is how long a lease lasts without renewal.

    If a lease is not renewed in time, this process no longer holds the job: another process may
    hold it, so this one writes nothing more for it.
    """

    def __init__(self, jobs: Jobs, length: timedelta = LEASE) -> None:
        self._jobs = jobs
        self.length = length
        self._by = uuid4().hex
        self._lock = Lock()
        self._ends: dict[int, float] = {}

    def hold(self) -> Hold:
        """A hold of this process that begins now."""
        now = datetime.now(UTC)
        return Hold(self._by, now, now + self.length)

    def keep(self, job_id: int) -> None:
        """From now on the lease of the job, which this process has just got, is renewed."""
        with self._lock:
            self._ends[job_id] = monotonic() + self.length.total_seconds()

    def drop(self, job_id: int) -> None:
        with self._lock:
            self._ends.pop(job_id, None)

    def holds(self, job_id: int) -> bool:
        """Whether this process still holds the job."""
        with self._lock:
            return self._ends.get(job_id, 0.0) > monotonic()

    def is_lost(self, job_id: int) -> bool:
        """Whether another process has the job, or nobody wants it any more.

        If it is neither held nor lost, its lease was not renewed in time, and may still be.
        """
        with self._lock:
            return job_id not in self._ends

    def renew(self) -> None:
        """Renews all leases for another ``length``. Raises DatabaseUnavailable."""
        began = monotonic()
        with self._lock:
            kept = list(self._ends)
        if not kept:
            return
        held = self._jobs.renew(kept, self.hold())
        with self._lock:
            for job_id in kept:
                if job_id in held and job_id in self._ends:
                    self._ends[job_id] = began + self.length.total_seconds()
                else:
                    self._ends.pop(job_id, None)
