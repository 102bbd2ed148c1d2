"""Who may read a document, through the real ledger and the real index."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.documents import Chunk, Embedded, IngestReport, KeptNarrow, Source, SourceState
from domain.errors import IndexUnavailable, UnreadableSource
from domain.questions import Audience, Question
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.search import Searcher
from knowledge.readers.base import File
from knowledge.sources.fetch import Fetcher
from records.database import Database
from records.sources import Sources
from tests.knowledge.doubles import DIMENSION, WordEmbedder

NOW = datetime(2026, 11, 1, tzinfo=UTC)
URL = "https://wiki.example.org/plan"
EVERYONE = Audience.everyone()
TEAM = Audience.of("team:T1", "channel:T1:C1")
PRIVATE = Audience.of("channel:T1:CPRIVATE")
SHARED = Audience.of("channel:T1:CSHARED")
PERSON = Audience.of("person:T1:U1")


class Page(Fetcher):
    """A web server with one page, or with an error."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched = 0
        self.content: str | Exception = "# Plan\n\nWe move in May"

    def fetch(self, uri: str) -> File:
        self.fetched += 1
        if isinstance(self.content, Exception):
            raise self.content
        return File(self.content.encode(), kind="text/markdown")


class Index(LanceIndex):
    """A real index that calls a function once, just before or after the next write."""

    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    fails: bool = False

    def replace(self, *documents: Embedded) -> None:
        self._once("before")
        super().replace(*documents)
        self._once("after")

    def set_audience(self, audience: Audience, *documents: str) -> None:
        if self.fails:
            raise IndexUnavailable("away")
        super().set_audience(audience, *documents)

    def _once(self, when: str) -> None:
        act = getattr(self, when)
        setattr(self, when, None)
        if act:
            act()


class Library:
    def __init__(self, db: Database, folder: Path) -> None:
        self.docs = folder / "docs"
        self.docs.mkdir()
        self.page = Page()
        self.embedder = WordEmbedder()
        self.sources = Sources(db)
        self.index = Index(folder / "index", self.embedder.model, DIMENSION)
        self.ingestor = self.another_process()

    def another_process(self) -> Ingestor:
        return Ingestor(self.index, self.embedder, self.sources, self.page)

    def request(self, audience: Audience, uri: str = URL) -> Source:
        """Requests a source as the bot does: it is stored, granted and read."""
        asked = Source(uri, audience, SourceState.REQUESTED, "U1", NOW)
        known = self.sources.find(uri)
        if known is None or known.state is SourceState.REMOVED:
            self.sources.save(asked)
        self.sources.grant(uri, audience, "U1", NOW)
        return self.ingestor.ingest_one(self.sources.find(uri) or asked, now=NOW)

    def ingest(self, audience: Audience | None = None, target: str = "") -> IngestReport:
        return self.ingestor.ingest([target or self.docs], audience, "cli:me", now=NOW)

    def readers(self, *labels: str) -> set[str]:
        """What is found in a place that these labels name; the index alone shows no more."""
        audience = Audience.of(*labels)
        question = Question("q", "plan", "U1", NOW, audience)
        found = Searcher(self.index, self.embedder, self.sources).search(question, 100).passages
        texts = {one.text for one in found}
        vector = self.embedder.embed_question("plan").vector
        assert texts == {one.text for one in self.index.search("plan", vector, audience, 100)}
        return texts

    @property
    def document(self) -> str:
        """The key of the page."""
        row = self.sources.find(URL)
        assert row
        return row.document

    def can_read(self, *labels: str) -> bool:
        return bool(self.readers(*labels))


@pytest.fixture
def library(db: Database, tmp_path: Path) -> Library:
    return Library(db, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("audiences", [(TEAM, SHARED, PERSON), (SHARED, PERSON, TEAM)])
def test_document_that_is_asked_for_in_several_places_can_be_read_in_each(
    library: Library, audiences: tuple[Audience, ...]
) -> None:
    for audience in audiences:
        assert library.request(audience).state is SourceState.INDEXED
    for label in ("team:T1", "channel:T1:C1", "channel:T1:CSHARED", "person:T1:U1"):
        assert library.can_read(label), label
    assert not library.can_read("everyone", "team:T2", "channel:T2:C1", "person:T1:U2")
    assert library.index.count() == 1


def test_adding_a_reader_needs_no_reading_splitting_or_embedding(library: Library) -> None:
    library.request(PRIVATE)
    embedded = library.embedder.embedded
    library.page.content = UnreadableSource("its server is away")
    library.request(TEAM)
    assert library.can_read("team:T1")
    assert library.embedder.embedded == embedded


def test_request_while_the_source_is_being_read_is_not_lost(library: Library) -> None:
    library.index.before = lambda: library.sources.grant(URL, TEAM, "U2", NOW)
    row = library.request(PRIVATE)
    assert library.can_read("team:T1")
    assert row.audience == PRIVATE.together_with(TEAM)

    library.page.content = "# Plan\n\nWe move in June"
    library.index.after = lambda: library.sources.grant(URL, PERSON, "U2", NOW)
    library.request(PRIVATE)
    assert library.can_read("person:T1:U1")


def test_crash_between_grant_and_index_is_repaired_by_the_next_ingest(library: Library) -> None:
    library.request(PRIVATE)
    library.sources.grant(URL, TEAM, "U2", NOW)
    assert not library.can_read("team:T1")
    assert library.ingestor.refresh([URL], now=NOW).unchanged == 1
    assert library.can_read("team:T1")


def test_withdrawing_a_document_does_not_affect_other_readers(library: Library) -> None:
    library.request(PRIVATE)
    library.request(TEAM)
    library.ingestor.withdraw(URL, TEAM, now=NOW)
    assert not library.can_read("team:T1", "channel:T1:C1", "everyone")
    assert library.can_read("channel:T1:CPRIVATE")


def test_document_without_readers_is_removed_with_its_passages(library: Library) -> None:
    library.request(PRIVATE)
    library.ingestor.withdraw(URL, PRIVATE, now=NOW)
    [row] = library.sources.all()
    assert (row.state, row.chunks) == (SourceState.REMOVED, 0)
    assert library.index.count() == 0
    library.request(TEAM)
    assert not library.can_read("channel:T1:CPRIVATE")


def test_withdrawal_can_be_repeated_after_an_outage_of_the_index(library: Library) -> None:
    library.request(PRIVATE)
    library.request(TEAM)
    library.index.fails = True
    with pytest.raises(IndexUnavailable):
        library.ingestor.withdraw(URL, TEAM, now=NOW)
    [row] = library.sources.all()
    assert row.audience == PRIVATE.together_with(TEAM)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_document_withdrawn_while_it_is_read_does_not_come_back(
    library: Library, moment: str
) -> None:
    other = library.another_process()
    setattr(library.index, moment, lambda: other.withdraw(URL, PRIVATE, now=NOW))
    assert library.request(PRIVATE).state is SourceState.REMOVED
    assert library.index.count() == 0


def test_document_written_while_it_is_withdrawn_is_removed_too(library: Library) -> None:
    library.request(PRIVATE)
    library.page.content = "# Plan\n\nWe move in June"
    vector = library.embedder.embed_passages(["late"])
    document = library.document
    chunk = Chunk("late", document, "Plan", "late", PRIVATE)

    class Late(Sources):
        """A ledger with which another process writes before this one's withdrawal is stored."""

        late = True

        def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
            if self.late:
                self.late = False
                library.index.replace(Embedded(document, [chunk], vector))
            super().withdraw(uri, audience, at)

    library.ingestor = Ingestor(library.index, library.embedder, Late(library.sources._db))
    library.ingestor.withdraw(URL, PRIVATE, now=NOW)
    assert library.index.count() == 0


def test_source_that_nobody_may_read_is_not_read(library: Library) -> None:
    library.request(PRIVATE)
    fetched = library.page.fetched
    library.sources.withdraw(URL, None, NOW)
    [row] = library.sources.all()
    assert library.ingestor.ingest_one(row, now=NOW).state is SourceState.REMOVED
    assert library.page.fetched == fetched
    [failure] = library.ingestor.refresh([URL], now=NOW).failed
    assert failure.reason == "it was removed"


def test_terminal_keeps_a_page_to_those_who_could_read_it(library: Library) -> None:
    library.request(PRIVATE)
    report = library.ingest(target=URL)
    assert report.kept_narrow == (KeptNarrow(URL, ("channel:T1:CPRIVATE",)),)
    assert not library.can_read("everyone", "team:T1")
    library.ingest(EVERYONE, URL)
    assert library.can_read("everyone")
    assert library.can_read("channel:T1:CPRIVATE")


def test_terminal_gives_new_documents_to_everyone_or_to_the_named_audience(
    library: Library,
) -> None:
    (library.docs / "a.md").write_text("open")
    assert library.ingest().kept_narrow == ()
    (library.docs / "b.md").write_text("narrow")
    library.ingest(Audience.of("team:T1"))
    assert library.readers("everyone") == {"open"}
    assert library.readers("team:T1") == {"open", "narrow"}


def test_removed_source_starts_without_its_old_readers(library: Library) -> None:
    library.request(PRIVATE)
    assert library.ingestor.remove(URL, now=NOW) == 1
    library.request(PERSON)
    assert not library.can_read("channel:T1:CPRIVATE")


def test_passages_of_an_earlier_version_get_no_new_readers_until_they_are_repaired(
    library: Library,
) -> None:
    library.request(PRIVATE)
    library.index.set_audience(Audience.of("channel:CPRIVATE"), library.document)
    assert not library.can_read("everyone", "team:T1", "channel:T1:CPRIVATE")
    library.ingestor.refresh([URL], now=NOW)
    assert library.can_read("channel:T1:CPRIVATE")


def test_passages_with_different_readers_after_a_crash_are_repaired(library: Library) -> None:
    library.request(PRIVATE)
    texts = ["one", "two"]
    document = library.document
    chunks = [Chunk(text, document, "Plan", text, TEAM) for text in texts]
    chunks[1] = replace(chunks[1], audience=PRIVATE)
    vectors = library.embedder.embed_passages(texts)
    library.index.replace(Embedded(document, chunks, vectors))
    library.ingestor.refresh([URL], now=NOW)
    assert library.index.audiences() == {document: {PRIVATE}}


def test_link_out_of_an_ingested_folder_is_named_and_its_old_passages_are_removed(
    library: Library, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("password")
    readme = library.docs / "readme.txt"
    readme.write_text("harmless")
    library.ingest()
    readme.unlink()
    readme.symlink_to(secret)
    report = library.ingest()
    assert report.removed == 1
    assert [one.source for one in report.skipped] == [str(readme)]
    assert "1 left out" in report.sentence()
    assert library.index.count() == 0


def test_refresh_does_not_follow_a_link_that_came_in_place_of_a_file(
    library: Library, tmp_path: Path
) -> None:
    readme = library.docs / "readme.txt"
    readme.write_text("harmless")
    library.ingest()
    (tmp_path / "secret.txt").write_text("password")
    readme.unlink()
    readme.symlink_to(tmp_path / "secret.txt")
    [failure] = library.ingestor.refresh([str(readme)], now=NOW).failed
    assert "leads out of the folder" in failure.reason
    assert library.readers("everyone") == {"harmless"}


def test_folder_that_may_be_linked_to_is_read_with_the_folder(
    library: Library, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "s.md").write_text("shared")
    (library.docs / "more").symlink_to(shared)
    library.ingestor = Ingestor(library.index, library.embedder, library.sources, linked=[shared])
    assert library.ingest().added == 1
    assert (
        library.ingestor.refresh([row.uri for row in library.sources.all()], now=NOW).unchanged == 1
    )
