from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.collections import (
    LONGEST_PAUSE,
    SPREAD,
    Collection,
    CollectionProgress,
    Trouble,
    after_failure,
    after_reading,
)
from domain.questions import Audience

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOCS = Collection("/docs", "folder", Audience.everyone(), "U1", NOW, every=HOUR, next_at=NOW)


def pause(collection: Collection) -> timedelta:
    assert collection.next_at
    return collection.next_at - NOW


@pytest.mark.parametrize(
    ("report", "labels", "tells"),
    [
        ("slack:T1:C1:1.0", ["channel:T1:C1"], True),
        ("slack:T1:C1::1.0", ["team:T1"], True),
        ("slack:T1:C1:", ["channel:T1:C2", "channel:T2:C1", "team:T2", "person:T1:U1"], False),
        ("slack:T1:D1:", ["person:T1:U1"], True),
        ("slack:T1:D1:", ["person:T1:U2", "channel:T1:D1"], False),
        ("", ["everyone"], False),
    ],
)
def test_only_who_may_read_a_collection_is_told_of_it(
    report: str, labels: list[str], tells: bool
) -> None:
    place = replace(DOCS, audience=Audience.of(*labels), report=report)
    assert place.tells_readers is tells
    for_new = replace(place, audience=Audience.of(), for_new=Audience.of(*labels))
    assert for_new.tells_readers is tells


def test_reading_is_followed_by_the_next_after_about_the_same_time() -> None:
    read = after_reading(DOCS, NOW, "c1")
    assert (read.read_at, read.cursor, read.trouble) == (NOW, "c1", Trouble.NONE)
    assert HOUR <= pause(read) <= HOUR * (1 + SPREAD)


def test_collections_that_were_added_at_once_are_not_read_at_once() -> None:
    due = {pause(after_reading(replace(DOCS, uri=f"/docs/{n}"), NOW, "")) for n in range(50)}
    assert len(due) > 30


def test_pause_grows_with_each_failure_and_is_short_again_after_a_reading() -> None:
    failing, pauses = DOCS, []
    for _ in range(8):
        failing = after_failure(failing, NOW, "the share is not mounted")
        pauses.append(pause(failing))
    assert pauses == sorted(pauses)
    assert HOUR < pauses[0] < pauses[1] < pauses[-1] == LONGEST_PAUSE
    assert (failing.failures, failing.trouble) == (8, Trouble.FAILING)
    well = after_reading(failing, NOW, "")
    assert (well.failures, well.reason, well.trouble) == (0, "", Trouble.NONE)
    assert pause(well) < 2 * HOUR


def test_next_reading_is_not_before_a_busy_server_asks_for_it() -> None:
    later, soon = NOW + 5 * HOUR, NOW + timedelta(minutes=1)
    assert after_failure(DOCS, NOW, "it is busy", later).next_at == later
    assert after_reading(DOCS, NOW, "", not_before=later).next_at == later
    assert pause(after_failure(DOCS, NOW, "it is busy", soon)) > HOUR


def test_failure_does_not_change_when_it_was_read_and_up_to_where() -> None:
    failing = after_failure(replace(DOCS, read_at=NOW, cursor="c1"), NOW + HOUR, "away")
    assert (failing.read_at, failing.cursor) == (NOW, "c1")


def test_what_is_read_only_on_request_stays_so() -> None:
    asked = replace(DOCS, every=None)
    assert after_reading(asked, NOW, "").next_at is None
    assert after_failure(asked, NOW, "it is busy", NOW + HOUR).next_at is None
    assert after_failure(asked, NOW, "away").next_at is None


def test_what_was_held_back_needs_a_person_but_is_no_failure() -> None:
    read = after_reading(DOCS, NOW, "", "5 of 6 are gone")
    assert (read.failures, read.reason, read.trouble) == (0, "5 of 6 are gone", Trouble.HELD_BACK)


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=400)), st.integers(0, 10**6), st.text())
def test_pause_is_bounded_whatever_the_schedule(every: timedelta, before: int, uri: str) -> None:
    known = replace(DOCS, uri=uri, every=every, failures=before)
    assert every <= pause(after_failure(known, NOW, "away")) <= max(every, LONGEST_PAUSE)


@pytest.mark.parametrize(("done", "rest"), [(0, None), (100, 9 * HOUR), (1000, timedelta())])
def test_end_is_estimated_from_what_is_done(done: int, rest: timedelta | None) -> None:
    progress = CollectionProgress("/docs", NOW, NOW + HOUR, done, 1000)
    assert progress.ends_at == (None if rest is None else NOW + HOUR + rest)
