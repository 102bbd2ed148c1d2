"""How an attempt ends if the work, and then the report of its failure, raise an error."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import pytest

from bot.jobs.leases import Leases
from bot.jobs.runner import Runner
from bot.jobs.workers import Workers
from domain.errors import public_text
from domain.jobs import ATTEMPTS, Job, JobKind, JobState
from records.database import Database
from records.jobs import Jobs
from tests.bot.running_bot import end_leases, is_idle, make_due
from tests.records.makers import source_job


@dataclass
class Broken:
    """Work that fails, and that also fails to report it."""

    failure: Exception
    tried: int = 0

    def do(self, job: Job) -> None:
        self.tried += 1
        raise self.failure

    def is_final(self, error: Exception) -> bool:
        return False

    def tell_given_up(self, job: Job, error: Exception) -> None:
        raise self.failure


@pytest.fixture
def runner(database: Database) -> Iterator[Runner]:
    jobs = Jobs(database)
    leases = Leases(jobs, timedelta(minutes=1))
    runner = Runner(jobs, leases, "T1", {JobKind.SOURCE: Workers("test", 1)})
    yield runner
    for workers in runner.workers:
        workers.close(5)


def test_job_is_given_up_even_if_its_failure_cannot_be_reported(
    runner: Runner, database: Database
) -> None:
    work, jobs = Broken(ValueError("broken")), Jobs(database)
    runner.handles(JobKind.SOURCE, work)
    jobs.add([source_job()])
    for _ in range(ATTEMPTS + 1):
        make_due(database)
        assert runner.resume() == 1
        while not is_idle(runner):
            Event().wait(0.01)
        end_leases(database)

    [job] = jobs.in_states(JobState)
    assert (job.state, job.attempts, job.held_by) == (JobState.QUARANTINED, ATTEMPTS, "")
    assert job.reason == public_text(work.failure)
    assert work.tried == ATTEMPTS
