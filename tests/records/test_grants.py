from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import Grant
from domain.questions import Audience
from records.database import Database
from records.grants import Grants
from records.questions import Questions
from records.sources import Sources
from tests.records.makers import NOW, claim_of, later, question, source

URI = source().uri
LABELS = st.frozensets(
    st.sampled_from(["everyone", "team:T1", "team:T2", "channel:T1:C1", "person:T1:U1"])
)


@pytest.fixture
def grants(db: Database) -> Grants:
    return Grants(db)


@pytest.fixture
def sources(db: Database) -> Sources:
    return Sources(db)


def test_grant_says_who_gave_it_and_since_when_it_first_was(
    grants: Grants, sources: Sources
) -> None:
    sources.save(source())
    for minutes, person in ((1, "U2"), (2, "U3")):
        sources.grant(URI, Audience.of("channel:T1:C1", "everyone"), person, later(minutes))
    assert grants.of(URI) == [
        Grant(URI, "channel:T1:C1", "U2", later(1)),
        Grant(URI, "everyone", "U1", NOW),
    ]
    assert grants.by_source() == {URI: grants.of(URI)}


def test_simultaneous_grants_lose_nothing(db: Database, sources: Sources) -> None:
    sources.save(replace(source(), audience=Audience.of("channel:T1:C0")))

    def grant(n: int) -> None:
        for m in range(4):
            sources.grant(URI, Audience.of(f"channel:T1:C{n}{m}"), "U1", NOW)
            if seen := sources.find(URI):
                sources.save(seen)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(grant, range(6)))
    found = sources.find(URI)
    assert found
    assert len(found.audience.labels) == 25


def test_granting_only_adds_and_withdrawing_only_removes(db: Database) -> None:
    sources = Sources(db)

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.booleans(), LABELS), max_size=5))
    def check(steps: list[tuple[bool, frozenset[str]]]) -> None:
        with db.session() as connection:
            connection.exec_driver_sql("DELETE FROM sources")
        expected = frozenset({"everyone"})
        sources.save(source())
        for adds, labels in steps:
            if adds:
                sources.grant(URI, Audience(labels), "U1", NOW)
                expected |= labels
            else:
                sources.withdraw(URI, Audience(labels), NOW)
                expected -= labels
            found = sources.find(URI)
            assert found
            assert found.audience == Audience(expected)

    check()


def test_teams_are_those_that_asked_or_were_given_something(
    db: Database, grants: Grants, sources: Sources
) -> None:
    assert grants.teams() == frozenset()
    asked = [
        replace(question(n), id=name)
        for n, name in enumerate(
            ["slack:T1:C1:1.0", "slack:T1:C2:1.0", "slack:T10:C1:1.0", "slack:T2:D1:9", "cli:abc"]
        )
    ]
    Questions(db).claim([claim_of(one) for one in asked])
    sources.save(replace(source(), audience=Audience.of("team:T3")))
    assert grants.teams() == {"T1", "T10", "T2", "T3"}


def test_labels_of_whole_workspaces_are_returned(grants: Grants, sources: Sources) -> None:
    sources.save(replace(source("/a"), audience=Audience.of("team:T1", "channel:T1:C1")))
    sources.save(replace(source("/b"), audience=Audience.of("team:T2", "team:T1", "everyone")))
    assert grants.team_labels() == {"team:T1", "team:T2"}


def test_everyone_may_read_what_is_given_to_the_only_workspace(
    db: Database, grants: Grants, sources: Sources
) -> None:
    audiences = {
        "/everyone": Audience.of("everyone", "channel:T1:C1"),
        "/team": Audience.of("team:T1", "channel:T1:C1"),
        "/channel": Audience.of("channel:T1:C1"),
        "/person": Audience.of("person:T1:U1"),
        "/old": Audience.of("channel:C1"),
        "/removed": Audience.of("everyone"),
    }
    for uri, audience in audiences.items():
        sources.save(replace(source(uri), audience=audience))
    sources.withdraw("/removed", None, later(1))

    wanted = [*audiences, "/unknown"]
    assert grants.readable_by_all(wanted) == {"/everyone", "/team"}

    sources.save(replace(source("/other"), audience=Audience.of("team:T2")))
    assert grants.readable_by_all(wanted) == {"/everyone"}


def test_thousands_of_sources_are_asked_for_at_once(grants: Grants, sources: Sources) -> None:
    sources.save(source())
    names = [f"/docs/{n}" for n in range(3_000)]
    assert grants.readable_by_all([*names, URI]) == {URI}


def test_source_is_readable_by_whom_it_was_given_to_until_it_is_removed(
    grants: Grants, sources: Sources
) -> None:
    for name, label in (("/a", "channel:T1:C1"), ("/b", "team:T1"), ("/c", "person:T1:U1")):
        sources.save(replace(source(), uri=name, audience=Audience.of(label)))
    wanted, here = ["/a", "/b", "/c", "/unknown"], Audience.of("channel:T1:C1", "team:T1")
    assert grants.readable(wanted, here) == {"/a", "/b"}
    sources.withdraw("/b", Audience.of("team:T1"), NOW)
    assert grants.readable(wanted, here) == {"/a"}
    assert grants.readable(wanted, Audience.of()) == frozenset()
