from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex

import pytest

from domain.collections import CHANGED, CollectionProgress, Trouble, after_failure, after_reading
from domain.documents import LONGEST_ADDRESS, SourceState
from domain.errors import NotFound
from domain.jobs import JobKind
from domain.questions import Audience
from records.collections import Collections
from records.database import Database
from records.jobs import Jobs
from records.sources import Sources
from records.tables import members
from tests.records.makers import NOW, collection, hold, later, source, source_job

DOCS = collection()


@pytest.fixture
def collections(db: Database) -> Collections:
    return Collections(db)


def test_collection_is_read_back_as_it_was_added(collections: Collections) -> None:
    assert collections.find(DOCS.uri) is None
    assert collections.add(DOCS) == DOCS
    assert collections.find(DOCS.uri) == DOCS
    odd = replace(DOCS, uri="/a\udcff\x00", every=None, next_at=None, told=Trouble.FAILING)
    assert collections.add(odd) == odd
    assert collections.all() == [odd, DOCS]


def test_adding_a_known_one_only_adds_readers(collections: Collections) -> None:
    collections.add(DOCS)
    again = replace(
        DOCS,
        audience=Audience.of("channel:T1:C2"),
        requested_by="U2",
        every=None,
        next_at=None,
        options="{}",
        report="slack:T1:C2:2.0",
    )
    assert collections.add(again) == replace(
        DOCS, audience=Audience.of("everyone", "channel:T1:C2")
    )


def test_adding_a_known_one_may_change_its_schedule_and_options(collections: Collections) -> None:
    collections.add(DOCS)
    collections.record(DOCS, replace(DOCS, cursor="c1", read_at=NOW))
    hourly = replace(DOCS, every=timedelta(hours=1), next_at=later(60))
    changed = collections.add(hourly, change=True)
    assert changed == replace(hourly, cursor="c1", read_at=NOW)
    deeper = collections.add(replace(hourly, options='{"depth": 3}'), change=True)
    assert deeper == replace(hourly, options='{"depth": 3}', read_at=NOW)


def test_readers_of_new_documents_only_stay_that_until_they_are_named(
    collections: Collections,
) -> None:
    new = replace(DOCS, audience=Audience.of(), for_new=Audience.everyone())
    assert collections.add(new) == new
    channel = Audience.of("channel:T1:C1")
    assert collections.add(replace(DOCS, audience=channel)) == replace(new, audience=channel)
    named = collections.add(DOCS)
    assert (named.audience, named.for_new) == (
        channel.together_with(Audience.everyone()),
        Audience.of(),
    )
    assert collections.add(new) == named
    assert named.readers == named.audience


def test_sources_are_counted_by_collection_and_state(
    db: Database, collections: Collections
) -> None:
    collections.add(DOCS)
    collections.add(collection("/more"))
    states = (SourceState.INDEXED, SourceState.INDEXED, SourceState.FAILED, SourceState.REMOVED)
    for n, state in enumerate(states):
        Sources(db).save(source(f"/docs/{n}", state))
        with db.session() as connection:
            connection.execute(members.insert().values(collection="/docs", source=f"/docs/{n}"))
    Sources(db).save(source("/alone"))
    Sources(db).save(source("/gone", SourceState.REMOVED))
    Sources(db).save(replace(source("/unread"), audience=Audience.of()))
    assert collections.counts() == {"/docs": {SourceState.INDEXED: 2, SourceState.FAILED: 1}}
    assert collections.alone() == {"/alone"}
    assert (collections.of("/docs/0"), collections.of("/alone")) == (["/docs"], [])


def test_longest_addresses_are_stored_in_every_index(
    db: Database, collections: Collections
) -> None:
    place, file = ("/" + token_hex(LONGEST_ADDRESS)[1:LONGEST_ADDRESS] for _ in range(2))
    collections.add(collection(place))
    Sources(db).join(place, [source(file)], DOCS.audience, NOW)
    assert list(Sources(db).members(place)) == [file]


def test_those_are_due_whose_time_has_come_the_longest_first(collections: Collections) -> None:
    for name, at in {"b": 2, "a": 3, "c": 1, "later": 11}.items():
        collections.add(collection(f"/{name}", next_at=later(at)))
    collections.add(collection("/never", next_at=None))
    assert [each.uri for each in collections.due(later(10))] == ["/c", "/b", "/a"]
    assert [each.uri for each in collections.due(later(10), limit=1)] == ["/c"]


def test_one_that_a_job_will_read_is_not_due(db: Database, collections: Collections) -> None:
    collections.add(DOCS)
    queue = Jobs(db)
    job = replace(source_job(uri=DOCS.uri), kind=JobKind.COLLECTION)
    (job_id,) = queue.add([job])
    assert collections.due(later(200)) == []
    taken = queue.take(job_id, hold())
    assert taken
    assert collections.due(later(200)) == [DOCS]  # for a request that came since it began
    queue.finish(taken, later(101))
    assert collections.due(later(200)) == [DOCS]


def test_reading_is_recorded(collections: Collections) -> None:
    collections.add(DOCS)
    read = after_reading(DOCS, later(1), "c1")
    collections.record(DOCS, read)
    assert collections.get(DOCS.uri) == read
    failing = after_failure(read, later(20), "the share is not mounted")
    collections.record(read, failing)
    assert collections.get(DOCS.uri) == failing


def test_request_during_a_reading_is_not_lost(collections: Collections) -> None:
    collections.add(DOCS)
    collections.make_due(DOCS.uri, later(1))
    collections.record(DOCS, after_reading(DOCS, later(2), ""))
    left = collections.get(DOCS.uri)
    assert (left.next_at, left.read_at) == (later(1), later(2))


def test_readers_and_options_that_are_given_during_a_reading_stay(collections: Collections) -> None:
    collections.add(DOCS)
    others = Audience.of("team:T1")
    collections.add(replace(DOCS, audience=others, options="{}"), change=True)
    collections.record(DOCS, after_reading(DOCS, later(2), "of the old options"))
    left = collections.get(DOCS.uri)
    assert left.audience == DOCS.audience.together_with(others)
    assert (left.options, left.cursor) == ("{}", "")


def test_only_what_is_known_can_be_made_due(collections: Collections) -> None:
    with pytest.raises(NotFound):
        collections.make_due("/unknown", NOW)
    with pytest.raises(NotFound):
        collections.get("/unknown")


def test_collection_that_nobody_has_any_more_is_removed(collections: Collections) -> None:
    collections.add(replace(DOCS, audience=Audience.of("team:T1", "channel:T1:C1")))
    assert not collections.withdraw(DOCS.uri, Audience.of("team:T1", "channel:T1:C9"))
    assert collections.get(DOCS.uri).audience == Audience.of("channel:T1:C1")
    assert collections.withdraw(DOCS.uri, Audience.of("channel:T1:C1"))
    assert collections.all() == []
    collections.record(DOCS, after_reading(DOCS, NOW, ""))
    collections.show_progress(CollectionProgress(DOCS.uri, NOW, NOW, 1, 2))
    assert (collections.all(), collections.progress()) == ([], [])


def test_channel_that_gave_a_collection_away_is_not_told_of_it_any_more(
    collections: Collections,
) -> None:
    def add(label: str, by: str, minutes: int) -> None:
        place = replace(DOCS, audience=Audience.of(label), requested_by=by, added_at=later(minutes))
        collections.add(replace(place, report=f"slack:T1:{label[-2:]}:1.0"))

    first, second, third = (f"channel:T1:C{n}" for n in (3, 2, 1))
    for minutes, label in enumerate((first, second, third, "person:T1:U5", "channel:C9")):
        add(label, f"U{minutes}", minutes)
    collections.told(DOCS.uri, Trouble.FAILING)
    collections.withdraw(DOCS.uri, Audience.of(third))
    left = collections.get(DOCS.uri)
    assert (left.report, left.requested_by, left.told) == ("slack:T1:C3:1.0", "U0", Trouble.FAILING)
    collections.withdraw(DOCS.uri, Audience.of(first, "team:T1"))
    left = collections.get(DOCS.uri)
    assert (left.report, left.requested_by, left.told) == ("slack:T1:C2:", "U1", Trouble.NONE)
    collections.withdraw(DOCS.uri, Audience.of(second))
    assert collections.get(DOCS.uri).report == ""
    add(first, "U7", 9)  # nobody is told, and that stays so, as with what the terminal added
    collections.withdraw(DOCS.uri, Audience.of("person:T1:U5"))
    left = collections.get(DOCS.uri)
    assert (left.report, left.requested_by) == ("", "U1")


def test_channel_that_may_still_read_a_collection_is_told_of_it(collections: Collections) -> None:
    """A public channel may be added elsewhere; when it is private, it is told itself."""
    added = replace(DOCS, audience=Audience.of("team:T1", "channel:T1:C2"))
    assert collections.add(added).tells_readers
    collections.withdraw(DOCS.uri, Audience.of("everyone"))
    assert collections.get(DOCS.uri).report == DOCS.report
    collections.withdraw(DOCS.uri, Audience.of("team:T1"))
    assert collections.get(DOCS.uri).report == "slack:T1:C2:"


def test_collection_can_be_taken_from_all_at_once(collections: Collections) -> None:
    collections.add(DOCS)
    assert collections.withdraw(DOCS.uri)
    assert collections.all() == []


def test_progress_is_seen_while_a_collection_is_read(collections: Collections) -> None:
    collections.add(DOCS)
    for done in (1, 2):
        progress = CollectionProgress(DOCS.uri, NOW, later(done), done, 10)
        collections.show_progress(progress)
        assert collections.progress() == [progress]
    collections.record(DOCS, after_reading(DOCS, later(3), ""))
    assert collections.progress() == []


def test_what_was_told_is_kept(collections: Collections) -> None:
    collections.add(DOCS)
    collections.told(DOCS.uri, Trouble.HELD_BACK)
    collections.record(DOCS, after_reading(DOCS, later(1), ""))
    assert collections.get(DOCS.uri).told is Trouble.HELD_BACK


def test_readers_that_come_and_go_at_once_are_never_half_there(collections: Collections) -> None:
    """Whoever is added last is there, and no collection stays that nobody has."""

    def come_and_go(n: int) -> None:
        audience = Audience.of(f"channel:T1:C{n}")
        for _ in range(10):
            added = collections.add(replace(DOCS, audience=audience))
            assert audience.labels <= added.audience.labels
            collections.withdraw(DOCS.uri, audience)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(come_and_go, n) for n in range(4)]:
            done.result()
    assert collections.all() == []


def test_change_that_waits_to_be_read_does_not_keep_a_collection_from_being_due(
    collections: Collections, db: Database
) -> None:
    collections.add(replace(DOCS, next_at=NOW))
    waits = replace(
        source_job(), kind=JobKind.COLLECTION, key=DOCS.uri, request=f"{CHANGED}{DOCS.uri}:1.0:7"
    )
    Jobs(db).add([waits])
    assert [each.uri for each in collections.due(NOW)] == [DOCS.uri]
    Jobs(db).add([replace(waits, request="due:1")])
    assert collections.due(NOW) == []


def test_only_collections_in_trouble_are_listed_as_such(collections: Collections) -> None:
    failing = replace(DOCS, uri="/failing", failures=1, reason="it is gone")
    held = replace(DOCS, uri="/held", reason="more than a third is gone")
    for one in (DOCS, failing, held):
        collections.add(one)
    assert [one.uri for one in collections.troubled(9)] == ["/failing", "/held"]
    assert [one.uri for one in collections.troubled(1)] == ["/failing"]
