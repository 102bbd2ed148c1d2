"""A gap that waits for a document is closed when that may answer more than it did."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.collections import after_reading
from domain.documents import SourceState
from domain.gaps import Gap
from domain.jobs import JobKind, NewJob
from domain.questions import Audience
from records.collections import Collections
from records.database import Database
from records.gaps import Gaps
from records.jobs import Jobs
from records.sources import Sources
from tests.records.makers import NOW, collection, hold, later, source

URI = "/docs"
PAGE = "/docs/key.md"
ALL = Audience.of("everyone")


@pytest.fixture
def waiting(db: Database) -> Gaps:
    """A gap waits for a collection of one document, which was read a day before."""
    Collections(db).add(replace(collection(URI), added_at=NOW - timedelta(days=1)))
    Sources(db).join(URI, [replace(source(PAGE), updated_at=NOW - timedelta(days=1))], ALL, NOW)
    read(db, -60)
    gaps = Gaps(db)
    gaps.keep([Gap("g1", "T1", NOW)], [], [], NOW)
    assert gaps.wait_for("g1", URI, "U1", NOW)
    return gaps


def read(db: Database, minutes: float) -> None:
    known = Collections(db).get(URI)
    Collections(db).record(known, after_reading(known, later(minutes), ""))


def changed(db: Database, minutes: float, state: SourceState = SourceState.INDEXED) -> None:
    Sources(db).save(replace(source(PAGE), state=state, updated_at=later(minutes)))


def wanted(db: Database, person: str, minutes: float) -> None:
    """Somebody, or the schedule, lets the collection be read; that ends two minutes later."""
    job = NewJob(
        JobKind.COLLECTION, URI, f"r{minutes}", "T1", person, "", '{"version": 1}', later(minutes)
    )
    (added,) = Jobs(db).add([job])
    taken = Jobs(db).take(added, hold(since=minutes, minutes=9))
    assert taken
    read(db, minutes + 1)
    assert not is_read(Gaps(db))
    Jobs(db).finish(taken, later(minutes + 2))


def is_read(gaps: Gaps) -> bool:
    return bool(gaps.read("T1"))


def test_reading_that_finds_nothing_new_closes_no_gap(waiting: Gaps, db: Database) -> None:
    wanted(db, "", 1)
    changed(db, 4, SourceState.FAILED)
    read(db, 5)
    assert not is_read(waiting)


def test_gap_waits_for_the_end_of_the_reading_that_found_a_change(
    waiting: Gaps, db: Database
) -> None:
    read(db, 1)
    changed(db, 2)
    assert not is_read(waiting)
    read(db, 3)
    assert is_read(waiting)


def test_gap_is_closed_by_a_reading_that_a_person_wanted(waiting: Gaps, db: Database) -> None:
    wanted(db, "U1", 1)
    assert is_read(waiting)


def test_gap_is_closed_by_the_first_reading_for_more_readers(waiting: Gaps, db: Database) -> None:
    read(db, 1)
    more = replace(collection(URI), audience=Audience.of("channel:T1:C1"), added_at=later(2))
    Collections(db).add(more)
    assert not is_read(waiting)
    read(db, 3)
    assert is_read(waiting)


def test_new_collection_of_known_documents_closes_its_gap(waiting: Gaps, db: Database) -> None:
    uri = "/docs/more"
    assert waiting.wait_for("g1", uri, "U1", NOW)
    made = Collections(db).add(replace(collection(uri), added_at=later(1)))
    assert not is_read(waiting)
    Collections(db).record(made, after_reading(made, later(2), ""))
    assert is_read(waiting)


def test_reading_that_a_person_wanted_before_closes_no_gap(waiting: Gaps, db: Database) -> None:
    wanted(db, "U1", -5)
    read(db, 1)
    assert not is_read(waiting)
