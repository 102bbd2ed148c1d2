"""A job is not taken by another bot while the one that does it only waits."""

from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import time

import pytest

from bot.jobs.leases import Leases
from domain.errors import DatabaseUnavailable
from domain.jobs import Hold, Job, JobState
from records.database import Database
from records.jobs import Jobs
from tests.bot.running_bot import RunningBot, Script, build, locked
from tests.payloads import mention
from tests.records.makers import source_job
from tests.slack_double import SlackDouble

LEASE = timedelta(seconds=6)


@pytest.fixture
def two(slack: SlackDouble, database_file: Path) -> Iterator[tuple[RunningBot, RunningBot]]:
    """Two bots on one database, each looking for jobs; the first one's model waits."""
    url = f"sqlite:///{database_file}"
    with closing(Database(url)) as one, closing(Database(url)) as other:
        waiting = Script()
        waiting.go_on.clear()
        bots = (
            build(slack, waiting, one, lease=LEASE),
            build(slack, Script(), other, lease=LEASE),
        )
        yield bots
        waiting.go_on.set()
        for each in bots:
            each.bot.close(5)


def only_job(running: RunningBot) -> Job:
    [job] = running.jobs.in_states(JobState)
    return job


@pytest.mark.slow
def test_lease_is_renewed_after_another_program_locked_the_database(
    slack: SlackDouble, database_file: Path, two: tuple[RunningBot, RunningBot]
) -> None:
    first, second = two
    for each in two:
        each.bot.start()
    first.receive(mention(asked=time()))
    slack.wait_for(slack.public)
    began = only_job(first).held_until
    with locked(database_file):
        Event().wait(LEASE.total_seconds() * 0.4)  # one renewal waits, or fails
    Event().wait(LEASE.total_seconds() * 1.2)

    job = only_job(first)
    assert began is not None
    assert job.held_until is not None
    assert job.held_until > began
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)
    first.script.go_on.set()
    first.answered()
    assert second.script.asked == []
    assert len(slack.public()) == 1


@pytest.mark.slow
def test_lease_is_renewed_while_slack_is_slow(
    slack: SlackDouble, two: tuple[RunningBot, RunningBot]
) -> None:
    first, second = two
    for each in two:
        each.bot.start()
    first.script.go_on.set()
    slack.delay = 1.5  # six calls, one after the other, outlast a lease; each is within its 3 s
    first.receive(mention(asked=time()))
    slack.wait_for(lambda: only_job(first).state is JobState.DONE, 120)

    assert only_job(first).attempts == 1
    assert second.script.asked == []
    assert len(slack.public()) == 1


def test_failed_renewal_keeps_a_lease_until_it_ends(database: Database) -> None:
    jobs = Jobs(database)
    [job_id] = jobs.add([source_job()])
    leases = Leases(jobs, timedelta(minutes=1))
    assert jobs.take(job_id, leases.hold())
    leases.keep(job_id)

    class Away(Jobs):
        def renew(self, job_ids: Collection[int], hold: Hold) -> frozenset[int]:
            raise DatabaseUnavailable("It is locked.")

    leases._jobs = Away(database)
    with pytest.raises(DatabaseUnavailable):
        leases.renew()
    assert leases.holds(job_id)
    leases._jobs = jobs
    leases.renew()
    assert leases.holds(job_id)
