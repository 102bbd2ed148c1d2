"""Where no bot runs, due collections are read by a process of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from bot.ingest.collecting import CollectionReader
from bot.ingest.due_collections import read_due_collections
from domain.jobs import JobState
from records.collections import Collections
from records.database import Database
from records.jobs import Jobs
from records.sources import Sources
from tests.bot.running_bot import Unlisted, make_due
from tests.bot.test_refreshing import Readings, collection


@contextmanager
def reading(database: Database, readings: Readings) -> Iterator[None]:
    reader = CollectionReader(
        Collections(database),
        Sources(database),
        readings.sync,
        lambda each: Unlisted(),
        lambda each: None,
    )
    stop = Event()
    arguments = (reader, Jobs(database), stop, 5.0, timedelta(seconds=10))
    thread = Thread(target=read_due_collections, args=arguments)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        readings.go_on.set()
        thread.join(60)
        assert not thread.is_alive()


def wait_until(happens: Callable[[], object]) -> None:
    for _ in range(3_000):
        if happens():
            return
        Event().wait(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.slow
def test_due_collections_are_read_one_after_the_other(database: Database) -> None:
    readings, kept = Readings(), Collections(database)
    for n in range(3):
        kept.add(collection(f"/docs/{n}"))
    kept.add(collection("/later", next_at=datetime.now(UTC) + timedelta(hours=1)))
    readings.go_on.clear()
    with reading(database, readings):
        readings.began.wait(60)
        assert len(readings.read) == 1
        readings.go_on.set()
        wait_until(lambda: len(Jobs(database).in_states([JobState.DONE])) == 3)
    assert sorted(readings.read) == ["/docs/0", "/docs/1", "/docs/2"]


@pytest.mark.slow
def test_what_only_a_bot_can_read_or_report_is_left_to_it(database: Database) -> None:
    readings, kept = Readings(), Collections(database)
    kept.add(collection("slack-channel:T1:C1", kind="slack-channel"))
    kept.add(collection("/reported", report="slack:T1:C1::1.0"))
    kept.add(collection("/docs"))
    with reading(database, readings):
        wait_until(lambda: Jobs(database).in_states([JobState.DONE]))
    assert readings.read == ["/docs"]
    waiting = Jobs(database).in_states([JobState.WAITING])
    assert {job.team for job in waiting} == {"T1"}


@pytest.mark.slow
def test_reading_is_interrupted_at_the_end_and_goes_on_with_the_next_start(
    database: Database,
) -> None:
    long, kept = Readings(documents=10_000), Collections(database)
    kept.add(replace(collection(), every=None))
    long.go_on.clear()
    with reading(database, long):
        long.began.wait(60)
    (job,) = Jobs(database).in_states(JobState)
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    make_due(database)
    again = Readings()
    with reading(database, again):
        wait_until(lambda: Jobs(database).in_states([JobState.DONE]))
    assert kept.get("/docs/handbook").next_at is None
