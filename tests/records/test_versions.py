from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.documents import Source, SourceState, Version, VersionOf
from domain.questions import Audience
from records.database import Database
from records.sources import Sources
from records.versions import Versions
from tests.records.makers import NOW, source

ALL = Audience.everyone()
BOTH = "rules-2024", "rules-2025"


@pytest.fixture
def versions(db: Database) -> Versions:
    return Versions(db)


@pytest.fixture
def sources(db: Database) -> Sources:
    return Sources(db)


def version(document: str, family: str = "f") -> VersionOf:
    return VersionOf(document, "rules", family, (1, 2, 3), ())


def source_of(document: str, uri: str = "", *labels: str) -> Source:
    audience = Audience.of(*labels or ("everyone",))
    uri = uri or f"/docs/{document}.md"
    return replace(source(uri), document=document, audience=audience, title=document)


def of(document: str, uri: str = "") -> Version:
    return Version(document, uri or f"/docs/{document}.md", document, None)


@pytest.mark.parametrize("sketch", [(), (0,), tuple(range(2**63 - 64, 2**63))])
def test_sketch_is_read_back_as_it_was(versions: Versions, sketch: tuple[int, ...]) -> None:
    kept = VersionOf("d", "rules", "f", sketch, sketch[:1])
    versions.keep_versions([kept])
    assert versions.versions_about("rules") == [kept]


def test_document_without_a_subject_has_no_versions(versions: Versions) -> None:
    versions.keep_versions([VersionOf("d", "", "f", (1,), ())])
    assert versions.versions_about("") == []


def test_versions_are_documents_of_one_family(versions: Versions, sources: Sources) -> None:
    for document, family in (*((each, "f") for each in BOTH), ("menu", "g")):
        sources.save(source_of(document))
        versions.keep_versions([version(document, family)])
    found = versions.families([*BOTH, "menu", "unknown"], ALL)
    assert found == {each: [of("rules-2024"), of("rules-2025")] for each in BOTH}


def test_newest_comes_first(versions: Versions, sources: Sources) -> None:
    for year, document in ((2024, BOTH[0]), (2025, BOTH[1])):
        at = datetime(year, 1, 1, tzinfo=UTC)
        sources.save(replace(source_of(document), modified=at))
        versions.keep_versions([version(document)])
    [found] = versions.families(BOTH[:1], ALL).values()
    assert [each.document for each in found] == ["rules-2025", "rules-2024"]


def test_version_that_the_asker_may_not_read_is_not_named(
    versions: Versions, sources: Sources
) -> None:
    sources.save(source_of(BOTH[0]))
    sources.save(source_of(BOTH[1], "", "channel:T1:C1"))
    for document in BOTH:
        versions.keep_versions([version(document)])
    assert versions.families(BOTH, ALL) == {}
    channel = Audience.of("everyone", "channel:T1:C1")
    assert set(versions.families(BOTH, channel)) == set(BOTH)


def test_copies_are_not_versions_of_each_other(versions: Versions, sources: Sources) -> None:
    for uri in ("/docs/a.md", "/docs/b.md"):
        sources.save(source_of(BOTH[0], uri))
    versions.keep_versions([version(BOTH[0])])
    assert versions.families(BOTH, ALL) == {}


def test_removed_source_is_no_version(versions: Versions, sources: Sources) -> None:
    for document in BOTH:
        sources.save(source_of(document))
        versions.keep_versions([version(document)])
    sources.withdraw(source_of(BOTH[1]).uri, None, NOW)
    assert versions.families(BOTH, ALL) == {}


def test_what_is_known_of_a_document_goes_with_its_last_source(
    versions: Versions, sources: Sources
) -> None:
    for document in BOTH:
        sources.save(source_of(document))
        versions.keep_versions([version(document)])
    sources.save(replace(source_of(BOTH[1]), state=SourceState.REMOVED))
    versions.drop_versions(BOTH)
    assert versions.versions_about("rules") == [version(BOTH[0])]
