"""Documents that several sources have: who may read them, and where."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cards import cards_of
from domain.documents import Source, SourceState
from domain.questions import Audience
from records.collections import Collections
from records.database import Database
from records.sources import Sources
from tests.records.makers import NOW, collection

TEAM = Audience.of("team:T1")
CHANNEL = Audience.of("channel:T1:C1")


@pytest.fixture
def sources(db: Database) -> Sources:
    return Sources(db)


def source(uri: str, audience: Audience, document: str = "d", days: int | None = 0) -> Source:
    """A source whose author changed it some days ago."""
    modified = None if days is None else NOW - timedelta(days=days)
    row = Source(uri, audience, SourceState.INDEXED, "U1", NOW, document=document)
    return replace(row, checksum=document, modified=modified)


def test_readers_of_a_document_are_those_of_all_its_sources(sources: Sources) -> None:
    both = [source("/a", TEAM), source("/b", CHANNEL), source("/c", CHANNEL, "other")]
    sources.save_all(both)
    assert sources.readers(["d", "unknown", ""]) == {"d": TEAM.together_with(CHANNEL)}
    assert sources.readers(["d"], without="/a") == {"d": CHANNEL}
    sources.withdraw("/b", None, NOW)
    assert sources.readers(["d"]) == {"d": TEAM}
    assert sources.readers(["d"], without="/a") == {}


def test_document_is_in_use_while_a_source_has_it_or_is_about_to_have_it(sources: Sources) -> None:
    coming = replace(source("/a", TEAM), checksum="new", state=SourceState.FETCHING)
    sources.save_all([coming, source("/b", TEAM, "other")])
    assert sources.in_use(["d", "new", "unknown"]) == {"d", "new"}
    assert sources.in_use(["d", "other"], without="/a") == {"other"}
    many = {f"unknown {n}" for n in range(1_000)}
    assert sources.in_use(many | {"d", "other"}, without="/b") == {"d"}


def test_best_address_is_the_one_that_was_changed_last_then_the_shortest(sources: Sources) -> None:
    rows = [
        source("/long one", TEAM, days=1),
        source("/short", TEAM, days=1),
        source("/newest", CHANNEL, days=0),
        source("/unknown", TEAM, days=None),
    ]
    sources.save_all(rows)
    assert sources.addresses(["d"], TEAM) == {"d": ("/short", "/long one", "/unknown")}
    assert sources.addresses(["d"], TEAM.together_with(CHANNEL))["d"][0] == "/newest"
    assert sources.addresses(["d"], Audience.of("team:T2")) == {}
    assert sources.addresses(["d"], Audience.of()) == {}
    assert sources.addresses([], TEAM) == {}


def test_only_some_addresses_of_a_document_are_named(sources: Sources) -> None:
    sources.save_all([source(f"/{n}", TEAM) for n in range(20)])
    assert len(sources.addresses(["d"], TEAM)["d"]) == 6


def test_several_sources_are_saved_and_found_together(sources: Sources) -> None:
    sources.save_all([source("/a", TEAM)])
    sources.save_all([replace(source("/a", CHANNEL), title="A"), source("/b", CHANNEL)])
    found = sources.find_all(["/a", "/b", "/c"])
    assert {uri: (row.title, row.audience) for uri, row in found.items()} == {
        "/a": ("A", TEAM),
        "/b": ("", CHANNEL),
    }
    twin = sources.with_document("d")
    assert twin
    assert twin.uri in ("/a", "/b")
    assert sources.with_document("unknown") is None


def test_documents_in_sources_and_collections_are_known_without_removed_ones(
    db: Database, sources: Sources
) -> None:
    Collections(db).add(collection("/docs"))
    inside = [source("/docs/a", TEAM, "a"), source("/docs/gone", TEAM, "gone")]
    sources.join("/docs", inside, TEAM, NOW)
    sources.save_all([*inside, source("/b", TEAM, "b"), source("/c", TEAM, "c")])
    sources.withdraw("/docs/gone", None, NOW)
    assert sources.documents_in(["/docs", "/b", "/unknown"]) == {"a", "b"}
    assert sources.documents_in([]) == frozenset()


def test_documents_of_a_channels_cards_are_known_by_its_name(sources: Sources) -> None:
    names = {"slack-card:T1:C1:1.0:1.0": "a", "slack-card:T1:C1:1.0:2.0": "b"}
    names |= {"slack-card:T1:C12:1.0:1.0": "c", "slack-card:T2:C1:1.0:1.0": "d"}
    sources.save_all([source(uri, TEAM, document) for uri, document in names.items()])
    assert sources.documents_in([cards_of("T1", "C1")]) == {"a", "b"}
    assert sources.documents_in(["slack-card:T1:C12:1.0:1.0"]) == {"c"}
