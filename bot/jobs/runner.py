"""Does the jobs of the queue: takes each when a thread is free for it, and ends each attempt.

How an attempt ends, and what the queue makes of it:

    nothing was raised                          done
    the work was interrupted                    put off, goes on soon
    it is done, but that cannot be stored       put off, soon done again
    Slack does not answer, or is busy           put off, for at most a day
    Slack refuses for good                      the person is told elsewhere, then given up
    an error that the work calls final          the person is told, then given up
    any other error, at most three times        failed, tried again after a pause
    any other error, the third time             the person is told, then given up
    telling the person fails                    lost, told once more, then given up untold
    the process ended                           lost, tried again; the fourth time only told
    another process has taken the job           nothing
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Protocol

from bot.jobs.leases import Leases
from bot.jobs.workers import Workers
from bot.slack.errors import is_closed
from domain.current_work import CurrentWork, working_on
from domain.errors import (
    DatabaseUnavailable,
    MessengerError,
    MessengerRefused,
    Phi3Error,
    RecordsError,
    public_text,
)
from domain.jobs import ATTEMPTS, Job, JobKind
from domain.questions import answer_id_of
from domain.spans import span
from records.jobs import Jobs

log = logging.getLogger(__name__)

_LONGEST_WAIT = timedelta(days=1)
"""How long a job waits for the end of an outage of Slack."""
_LONGEST_PAUSE = timedelta(minutes=5)
_PAUSES = (timedelta(seconds=5), timedelta(seconds=30))
"""The pauses before the second and the third attempt."""
_REPORTED = (JobKind.SOURCE, JobKind.COLLECTION)
"""The jobs whose reasons people read in reports."""
ENDED_THE_PROCESS = f"It ended the process {ATTEMPTS} times, so I no longer try it."


_SOON = timedelta(seconds=5)


class Interrupted(Phi3Error):
    """Work stopped before its end, since `Runner.must_stop` said so. What it did is kept."""

    pause = _SOON
    """After how long it goes on, at the earliest."""


class Work(Protocol):
    """The work for one kind of job."""

    def do(self, job: Job) -> None:
        """One attempt; an earlier one may have been interrupted. An error ends the attempt."""
        ...

    def is_final(self, error: Exception) -> bool:
        """Whether another attempt would be useless, or too late for the person who waits."""
        ...

    def tell_given_up(self, job: Job, error: Exception) -> None:
        """Tells the person why. Raises MessengerError and RecordsError."""
        ...


class Runner:
    """Each kind of job has its threads. A job that ended twice before is done by a thread of its
    own, one after the other: what ends the process must not take others with it a third time.
    """

    def __init__(
        self, jobs: Jobs, leases: Leases, team: str, pools: Mapping[JobKind, Workers]
    ) -> None:
        self._jobs = jobs
        self._leases = leases
        self._team = team
        self._pools = pools
        self._alone = Workers("alone", 1)
        self._works: dict[JobKind, Work] = {}
        self._lock = Lock()
        self._own: dict[int, Job | None] = {}
        self._stopping = False

    @property
    def workers(self) -> tuple[Workers, ...]:
        return (*self._pools.values(), self._alone)

    def handles(self, kind: JobKind, work: Work) -> None:
        self._works[kind] = work

    def reserve(self, job_id: int) -> None:
        """Renews a job that was added with this process's hold; ``submit`` it later."""
        self._leases.keep(job_id)
        with self._lock:
            self._own[job_id] = None

    def submit(self, kind: JobKind, job_id: int, attempts: int = 0) -> None:
        """Does a job that this process holds, as soon as a thread is free."""
        pool = self._alone if attempts >= ATTEMPTS - 1 else self._pools[kind]
        pool.submit(partial(self._run, kind, job_id), partial(self._failed, job_id))

    def resume(self) -> int:
        """Does the jobs that are due, also those of other processes; returns how many.

        Raises DatabaseUnavailable.
        """
        due = [] if self._stopping else self._jobs.due(self._team, datetime.now(UTC))
        with self._lock:
            new = [job for job in due if job.id not in self._own]
            self._own.update((job.id, None) for job in new)
        for job in new:
            self.submit(job.kind, job.id, job.attempts)
        return len(new)

    def must_stop(self, job: Job) -> bool:
        """Whether long work should raise Interrupted, at a point from which it can go on later.

        It should if this process is being stopped, does not hold the job any more, or has only one
        thread for this job and for another that waits.
        """
        alone = job.attempts >= ATTEMPTS
        return (
            self._stopping or not self._leases.holds(job.id) or (alone and self._alone.has_waiting)
        )

    def take_no_more(self) -> None:
        self._stopping = True

    def release(self) -> None:
        """Lets other processes take the unfinished jobs. Raises DatabaseUnavailable."""
        with self._lock:
            left = [job for job in self._own.values() if job]
        for job in left:
            self._leases.drop(job.id)  # its thread writes nothing more
            self._jobs.put_off(job, datetime.now(UTC), "The bot was stopped.", timedelta())

    def _run(self, kind: JobKind, job_id: int) -> None:
        job = self._jobs.take(job_id, self._leases.hold())
        if job is None:
            # Another one of its thread runs, and whoever ends that takes this one.
            self._jobs.set_down(job_id, self._leases.hold())
            self._put_down(job_id)
            self.resume()
            return
        self._leases.keep(job_id)
        with self._lock:
            self._own[job_id] = job
        if job.attempts > ATTEMPTS:
            self._give_up(job, Phi3Error(ENDED_THE_PROCESS))
        else:
            with working_on(_current(job)), span(f"job.{kind}", _current(job).ref):
                self._works[kind].do(job)
                if self._leases.holds(job_id):
                    self._finish(job)
        self._put_down(job_id)
        # What else is due waits for a thread anyway while others of its kind do.
        if not self._pools[kind].has_waiting:
            self.resume()

    def _finish(self, job: Job) -> None:
        """What was done stays done, also if the database does not take that it is."""
        try:
            self._jobs.finish(job, datetime.now(UTC))
        except RecordsError as error:
            log.warning("Job %s is done, and that is kept later: %s", job.id, error)
            raise Interrupted("It is done, but that is not stored yet.") from error

    def _failed(self, job_id: int, error: Exception) -> None:
        with self._lock:
            job = self._own.get(job_id)
        try:
            if job is None:
                log.warning("Job %s waits, the queue could not be asked: %s", job_id, error)
            elif self._leases.holds(job_id):
                with working_on(_current(job)):
                    _log(job, error)
                    self._end(job, error)
        except RecordsError as away:
            # Its lease will expire, and then it is taken again.
            log.warning("Job %s: that it failed is not kept: %s", job_id, away)
        finally:
            self._put_down(job_id)

    def _end(self, job: Job, error: Exception) -> None:
        if isinstance(error, Interrupted):
            self._jobs.put_off(job, datetime.now(UTC), error.public, error.pause)
        elif isinstance(error, MessengerError) and not is_closed(error):
            self._wait_for_slack(job, error)
        elif job.attempts > ATTEMPTS and not isinstance(error, DatabaseUnavailable):
            # It was taken once more only to tell the person, and that failed.
            self._jobs.give_up(job, datetime.now(UTC), _reason(job, error))
        elif job.attempts >= ATTEMPTS or is_closed(error) or self._works[job.kind].is_final(error):
            try:
                self._give_up(job, error)
            except MessengerError as away:
                self._wait_for_slack(job, away)
        else:
            pause = _PAUSES[max(job.attempts, 1) - 1]
            self._jobs.fail(job, datetime.now(UTC), _reason(job, error), pause)

    def _wait_for_slack(self, job: Job, error: MessengerError) -> None:
        now = datetime.now(UTC)
        age = now - job.created_at
        if is_closed(error) or age > _LONGEST_WAIT:
            self._jobs.give_up(job, now, _reason(job, error))
        else:
            # The longer the outage lasts, the longer the pauses are.
            pause = min(max(age / 4, _PAUSES[0]), _LONGEST_PAUSE)
            if isinstance(error, MessengerRefused):
                pause = max(pause, timedelta(seconds=error.wait))
            self._jobs.put_off(job, now, _reason(job, error), pause)

    def _give_up(self, job: Job, error: Exception) -> None:
        self._works[job.kind].tell_given_up(job, error)
        self._jobs.give_up(job, datetime.now(UTC), _reason(job, error))

    def _put_down(self, job_id: int) -> None:
        self._leases.drop(job_id)
        with self._lock:
            self._own.pop(job_id, None)


def _reason(job: Job, error: Exception) -> str:
    """What the queue stores of a failure, for whoever looks after the bot, or for a report."""
    if isinstance(error, Phi3Error) and job.kind not in _REPORTED:
        return error.public
    return public_text(error)


def _current(job: Job) -> CurrentWork:
    """What lines of the log say of a job; the reference of a question is its answer's id."""
    ref = answer_id_of(job.key) if job.kind is JobKind.QUESTION else ""
    return CurrentWork(ref, job.team, job.id)


def _log(job: Job, error: Exception) -> None:
    """What only waits for Slack is one line: in an outage there are many of them."""
    if isinstance(error, MessengerError):
        log.warning("Job %s (%s): %s", job.id, job.key, error)
    elif not isinstance(error, Interrupted):
        log.error("Job %s (%s) failed", job.id, job.key, exc_info=error)
