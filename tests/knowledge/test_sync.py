"""Collections that are read again: what is read, added, removed, and for whom."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.blocks import Content, Paragraph
from domain.collections import Collection
from domain.documents import Change, Failure, IngestReport, KeptNarrow, Skipped, SourceState
from domain.errors import (
    GoneSource,
    IndexUnavailable,
    IngestError,
    NotFound,
    UnreadableSource,
    UnsupportedSource,
)
from domain.questions import Audience, Passage, Question
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.ingest_run import ATTEMPTS, FOR_FEWER
from knowledge.query.search import Searcher
from knowledge.readers.base import File
from knowledge.readers.kinds import TEXT
from knowledge.sources import files
from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.fetch import Fetcher
from knowledge.sources.files import FilesConnector
from records.collections import Collections
from records.database import Database
from records.sources import Sources
from tests.knowledge.doubles import DIMENSION, WordEmbedder

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEAM = Audience.of("team:T1")
CHANNEL = Audience.of("channel:T1:C1")
PERSON = Audience.of("person:T1:U1")


@dataclass
class Shelf:
    """A connector with documents in memory: each text has a version, and readings are counted."""

    texts: dict[str, str | IngestError]
    unreadable: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    is_complete: bool = True
    gone: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False
    read_uris: list[str] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    lists_versions: bool = True
    known: dict[str, str] = field(default_factory=dict)

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:
        self.cursors.append(cursor)
        self.known = dict(known)
        return Listing(
            self._entries(),
            tuple(Skipped(uri, "left out") for uri in self.skipped),
            tuple(Failure(uri, "closed") for uri in self.unreadable),
            is_complete=self.is_complete,
            gone=self.gone,
            moved=self.moved,
            cursor="next",
        )

    def _entries(self) -> Iterator[Entry]:
        for uri in self.texts:
            yield Entry(uri, self._version(uri) if self.lists_versions else "")
        if self.breaks:
            raise UnreadableSource("the list breaks off")

    def read(self, entry: Entry, version: str) -> Fetched | None:
        self.read_uris.append(entry.uri)
        text = self.texts[entry.uri]
        if isinstance(text, IngestError):
            raise text
        now = self._version(entry.uri)
        return None if version == now else Fetched(Content((Paragraph(text),), "T"), now, NOW)

    def _version(self, uri: str) -> str:
        return str(hash(str(self.texts[uri])))


@dataclass
class Removing(Shelf):
    """Calls something for documents while it reads them."""

    removed: dict[str, Callable[[str], object]] = field(default_factory=dict)

    def read(self, entry: Entry, version: str) -> Fetched | None:
        if remove := self.removed.get(entry.uri):
            remove(entry.uri)
        return super().read(entry, version)


class Web(Fetcher):
    """Pages in memory; others do not exist."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        super().__init__()
        self._pages = pages

    def fetch(self, uri: str) -> File:
        if uri not in self._pages:
            raise GoneSource("it does not exist")
        return File(self._pages[uri].encode(), kind=TEXT)


class Office:
    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.embedder = WordEmbedder()
        self.sources = Sources(db)
        self.index = LanceIndex(folder / "index", self.embedder.model, DIMENSION)
        self.ingestor = Ingestor(self.index, self.embedder, self.sources)

    def collection(self, uri: str, audience: Audience = TEAM, kind: str = "site") -> Collection:
        """A stored collection."""
        return Collections(self.db).add(Collection(uri, kind, audience, "U1", NOW))

    def passages(self, *labels: str) -> tuple[Passage, ...]:
        """What is found in a place that these labels name."""
        question = Question("q", "text", "U1", NOW, Audience.of(*labels))
        return Searcher(self.index, self.embedder, self.sources).search(question, 100).passages

    def readers(self, *labels: str) -> set[str]:
        return {one.text for one in self.passages(*labels)}

    def document(self, uri: str) -> str:
        row = self.sources.find(uri)
        assert row
        return row.document


@pytest.fixture
def office(db: Database, tmp_path: Path) -> Office:
    return Office(db, tmp_path)


def shelf(count: int = 4, at: str = "wiki:") -> Shelf:
    return Shelf({f"{at}{n}": f"text {n}" for n in range(count)})


def counts(report: IngestReport) -> tuple[int, ...]:
    return report.added, report.updated, report.unchanged, report.removed, len(report.failed)


@pytest.mark.slow
def test_documents_of_a_collection_are_read_once_and_given_to_its_readers(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf()
    report = office.ingestor.sync(wiki, docs, now=NOW)
    assert (counts(report), report.cursor) == ((4, 0, 0, 0, 0), "next")
    assert office.readers("team:T1") == {"text 0", "text 1", "text 2", "text 3"}
    assert office.readers("everyone") == set()
    row = office.sources.find("wiki:0")
    assert row
    assert (row.state, row.requested_by, row.modified) == (SourceState.INDEXED, "U1", NOW)

    docs.read_uris.clear()
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 4, 0, 0)
    assert (docs.read_uris, office.embedder.embedded) == ([], 4)
    assert all(docs.known.values())

    docs.texts["wiki:1"] = "changed"
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 1, 3, 0, 0)
    assert docs.read_uris == ["wiki:1"]
    assert "changed" in office.readers("team:T1")


def test_document_whose_version_only_reading_tells_keeps_it(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(2)
    docs.lists_versions = False
    office.ingestor.sync(wiki, docs, now=NOW)
    for _ in range(2):
        assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 2, 0, 0)
        assert all(docs.known.values())


def test_other_embedding_model_reads_everything_again_without_the_cursor(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf()
    office.ingestor.sync(wiki, docs, now=NOW)
    office.embedder.model = "another"
    again = office.ingestor.sync(replace(wiki, cursor="next"), docs, now=NOW)
    assert (counts(again), docs.cursors) == ((0, 4, 0, 0, 0), ["", ""])
    office.ingestor.sync(replace(wiki, cursor="next"), docs, now=NOW)
    assert docs.cursors[-1] == "next"


def test_what_failed_too_often_does_not_hold_the_cursor(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(2)
    docs.texts["wiki:1"] = UnreadableSource("it is protected by a password")
    for _ in range(ATTEMPTS):
        report = office.ingestor.sync(replace(wiki, cursor="old"), docs, now=NOW)
        assert report.cursor == "old"  # it is tried again
    for cursor in ("old", "next"):
        report = office.ingestor.sync(replace(wiki, cursor=cursor), docs, now=NOW)
        assert (report.cursor, docs.cursors[-1]) == ("next", cursor)
    assert report.failed  # and it is told as long as it is listed
    docs.texts["wiki:1"] = "open now"
    office.ingestor.sync(replace(wiki, cursor="next"), docs, now=NOW)
    assert "open now" in office.readers("team:T1")


def test_passages_that_are_lost_are_written_again(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf()
    office.ingestor.sync(wiki, docs, now=NOW)
    office.index.remove(office.document("wiki:2"))
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (1, 0, 3, 0, 0)


@pytest.mark.slow
def test_few_that_are_gone_are_removed_and_many_wait_for_a_person(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(7)
    office.ingestor.sync(wiki, docs, now=NOW)
    for n in (1, 2):
        del docs.texts[f"wiki:{n}"]
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 5, 2, 0)
    for n in (3, 4):
        del docs.texts[f"wiki:{n}"]
    held = office.ingestor.sync(wiki, docs, now=NOW)
    assert (counts(held), held.failed[0].source) == ((0, 0, 3, 0, 1), "wiki:")
    assert held.held_back == held.failed
    assert "text 3" in office.readers("team:T1")
    confirmed = office.ingestor.sync(wiki, docs, confirmed=True, now=NOW)
    assert counts(confirmed) == (0, 0, 3, 2, 0)
    assert set(office.sources.members("wiki:")) == {"wiki:0", "wiki:5", "wiki:6"}


def test_what_cannot_be_looked_at_and_what_an_incomplete_list_leaves_out_stays(
    office: Office,
) -> None:
    wiki, docs = office.collection("wiki:"), shelf(6, "wiki:/a/")
    office.ingestor.sync(wiki, docs, now=NOW)
    kept, docs.texts = docs.texts, {}
    docs.unreadable = ["wiki:/a"]
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 0, 0, 1)
    docs.unreadable, docs.is_complete, docs.gone = [], False, ("wiki:/a/1", "wiki:/a/unknown")
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 0, 1, 0)
    docs.is_complete, docs.gone, docs.breaks = True, (), True
    broken = office.ingestor.sync(replace(wiki, cursor="old"), docs, now=NOW)
    assert (counts(broken), broken.cursor) == ((0, 0, 0, 0, 1), "old")
    assert len(office.readers("team:T1")) == len(kept) - 1


@pytest.mark.parametrize("refused", [UnreadableSource, UnsupportedSource])
def test_what_moved_stays_until_it_is_read_where_it_is_now(
    office: Office, refused: type[IngestError]
) -> None:
    wiki, docs = office.collection("wiki:"), shelf(1)
    office.ingestor.sync(wiki, docs, now=NOW)
    docs.texts, docs.is_complete = {"wiki:new": refused("no")}, False
    docs.moved = {"wiki:0": "wiki:new"}
    for _ in range(ATTEMPTS + 1):
        assert office.ingestor.sync(wiki, docs, dry_run=True, now=NOW).removed == 0
        assert office.ingestor.sync(wiki, docs, now=NOW).removed == 0
    assert office.readers("team:T1") == {"text 0"}
    docs.texts["wiki:new"] = "read there"
    assert counts(office.ingestor.sync(wiki, docs, now=NOW))[:4] == (1, 0, 0, 1)
    assert office.readers("team:T1") == {"read there"}


def test_what_cannot_be_read_keeps_nothing_else_that_moved(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(4)
    office.ingestor.sync(wiki, docs, now=NOW)
    docs.texts = {"wiki:new0": "new 0", "wiki:new1": UnreadableSource("no"), "wiki:new2": "new 2"}
    docs.moved = {f"wiki:{n}": f"wiki:new{n}" for n in range(3)}
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (2, 0, 0, 3, 1)
    assert office.readers("team:T1") == {"new 0", "text 1", "new 2"}


def test_cursor_stays_until_everything_was_read(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(2)
    docs.texts["wiki:1"] = UnreadableSource("its server is away")
    report = office.ingestor.sync(replace(wiki, cursor="old"), docs, now=NOW)
    assert (counts(report), report.cursor) == ((1, 0, 0, 0, 1), "old")
    docs.texts["wiki:1"] = "text 1"
    assert office.ingestor.sync(wiki, docs, now=NOW).cursor == "next"
    assert len(office.readers("team:T1")) == 2


def test_document_that_fails_too_often_is_read_again_only_when_it_changed(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(1)
    docs.texts["wiki:0"] = UnreadableSource("it is damaged")
    for _ in range(ATTEMPTS + 3):
        assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 0, 0, 1)
    assert len(docs.read_uris) == ATTEMPTS
    docs.texts["wiki:0"] = "repaired"
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (1, 0, 0, 0, 0)
    assert office.readers("team:T1") == {"repaired"}


def test_document_that_is_gone_when_it_is_read_is_removed_the_second_time(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(3)
    office.ingestor.sync(wiki, docs, now=NOW)
    docs.texts["wiki:0"] = GoneSource("it does not exist")
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 2, 0, 1)
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 2, 1, 0)
    assert office.readers("team:T1") == {"text 1", "text 2"}


def test_dry_run_changes_nothing_and_says_what_would_change(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(5)
    office.ingestor.sync(wiki, docs, now=NOW)
    before = office.sources.all()
    docs.texts |= {"wiki:1": "changed", "wiki:9": "new", "wiki:2": UnreadableSource("damaged")}
    del docs.texts["wiki:3"]
    wider = replace(wiki, audience=TEAM.together_with(CHANNEL))
    report = office.ingestor.sync(wider, docs, dry_run=True, now=NOW)
    assert set(report.would) == {
        Change("wiki:1", "updated"),
        Change("wiki:9", "added"),
        Change("wiki:2", "failed"),
        Change("wiki:3", "removed"),
    }
    assert office.sources.all() == before
    assert office.readers("team:T1") == {f"text {n}" for n in range(5)}


def test_readers_that_a_collection_gets_later_read_all_of_it(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(2)
    office.ingestor.sync(wiki, docs, now=NOW)
    docs.read_uris.clear()
    wider = office.collection("wiki:", CHANNEL)
    assert wider.audience == TEAM.together_with(CHANNEL)
    assert counts(office.ingestor.sync(wider, docs, now=NOW)) == (0, 0, 2, 0, 0)
    assert office.readers("channel:T1:C1") == {"text 0", "text 1"}
    assert docs.read_uris == []


def test_readers_of_new_documents_get_none_that_others_may_read_already(office: Office) -> None:
    office.ingestor.sync(office.collection("team:"), Shelf({"wiki:0": "text 0"}), now=NOW)
    stored = Collection("wiki:", "site", Audience.of(), "U1", NOW, for_new=Audience.everyone())
    wiki = Collections(office.db).add(stored)
    report = office.ingestor.sync(wiki, shelf(2), now=NOW)
    assert counts(report) == (1, 0, 1, 0, 0)
    assert report.kept_narrow == (KeptNarrow("wiki:0", ("team:T1",)),)
    for _ in range(2):
        assert office.readers("everyone") == {"text 1"}
        assert office.readers("team:T1") == {"text 0"}
        office.ingestor.sync(wiki, shelf(2), now=NOW)


@pytest.mark.slow
def test_whoever_cannot_read_a_document_is_not_given_what_others_read(office: Office) -> None:
    page = "https://example.com/salaries"
    own = office.collection(page, CHANNEL, "page")
    office.ingestor.sync(own, Shelf({page: "secret"}), now=NOW)
    site = office.collection("https://example.com/", PERSON)
    closed = Shelf({page: UnreadableSource("it needs a login")})
    for _ in range(ATTEMPTS + 1):
        office.ingestor.sync(site, closed, now=NOW)
        assert (office.readers("person:T1:U1"), office.readers("channel:T1:C1")) == (
            set(),
            {"secret"},
        )
    assert page in office.sources.members(site.uri)

    office.ingestor.sync(site, Shelf({page: "open"}), now=NOW)
    assert office.readers("person:T1:U1") == {"open"} == office.readers("channel:T1:C1")


def test_readers_who_lose_a_collection_while_it_is_read_get_nothing_of_it(office: Office) -> None:
    office.collection("wiki:")
    before = office.collection("wiki:", CHANNEL)
    Collections(office.db).withdraw("wiki:", CHANNEL)
    office.ingestor.sync(before, shelf(2), now=NOW)
    assert office.readers("channel:T1:C1") == set()
    assert office.readers("team:T1") == {"text 0", "text 1"}


def test_document_that_a_person_removed_stays_removed_until_it_is_added_by_itself(
    office: Office,
) -> None:
    wiki, docs = office.collection("wiki:"), shelf(2)
    office.ingestor.sync(wiki, docs, now=NOW)
    office.ingestor.remove("wiki:0")
    docs.texts["wiki:0"] = "changed"
    report = office.ingestor.sync(wiki, docs, now=NOW)
    assert counts(report) == (0, 0, 1, 0, 0)
    assert [one.source for one in report.skipped] == ["wiki:0"]
    assert office.readers("team:T1") == {"text 1"}
    alone = office.collection("wiki:0", kind="page")
    office.ingestor.sync(alone, Shelf({"wiki:0": "changed"}), now=NOW)
    assert counts(office.ingestor.sync(wiki, docs, now=NOW)) == (0, 0, 2, 0, 0)
    assert office.readers("team:T1") == {"changed", "text 1"}


@pytest.mark.slow
def test_document_that_a_person_removes_while_it_is_read_stays_removed(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), Removing(shelf(4).texts)
    office.ingestor.sync(wiki, docs, now=NOW)
    docs.texts |= {uri: f"{text} again" for uri, text in docs.texts.items()}
    docs.texts["wiki:3"] = UnreadableSource("it is damaged")
    docs.removed = {"wiki:1": office.ingestor.remove, "wiki:3": office.ingestor.remove}
    report = office.ingestor.sync(wiki, docs, now=NOW)
    assert counts(report) == (0, 2, 0, 0, 0)
    assert {one.source for one in report.skipped} == {"wiki:1", "wiki:3"}
    for _ in range(2):
        assert office.readers("team:T1") == {"text 0 again", "text 2 again"}
        assert len(office.index.documents()) == 2
        office.ingestor.sync(wiki, docs, now=NOW)


@pytest.mark.slow
def test_document_that_is_gone_for_one_collection_stays_for_the_others(office: Office) -> None:
    page, site = "https://example.com/p", "https://example.com/"
    alone = office.collection(page, CHANNEL, "page")
    wiki = office.collection(site)
    office.ingestor.sync(wiki, Shelf({page: "text"}), now=NOW)
    office.ingestor.sync(alone, Shelf({page: "text"}), now=NOW)
    ingestor = Ingestor(office.index, office.embedder, office.sources, Web({page: "text"}))
    gone = Shelf({page: GoneSource("the site asks not to keep it")})
    for _ in range(2):
        ingestor.sync(wiki, gone, now=NOW)
    assert len(office.readers("channel:T1:C1")) == 1
    assert office.readers("team:T1") == set()
    assert page not in office.sources.members(site)

    # Nobody finds it: it is removed for all, and each reads it again once it is back.
    ingestor = Ingestor(office.index, office.embedder, office.sources, Web({}))
    office.ingestor.sync(wiki, Shelf({page: "text"}), now=NOW)
    gone = Shelf({page: GoneSource("it does not exist")})
    for _ in range(2):
        ingestor.sync(alone, gone, now=NOW)
    assert office.readers("channel:T1:C1") == office.readers("team:T1") == set()
    office.ingestor.sync(wiki, Shelf({page: "back"}), now=NOW)
    office.ingestor.sync(alone, Shelf({page: "back"}), now=NOW)
    assert office.readers("channel:T1:C1") == office.readers("team:T1") == {"back"}


def test_document_in_a_place_for_fewer_is_not_given_to_all(office: Office) -> None:
    own = office.collection("wiki:hr", CHANNEL)
    stored = Collection("wiki:", "site", Audience.of(), "U1", NOW, for_new=Audience.everyone())
    everything = Collections(office.db).add(stored)
    docs = Shelf({"wiki:hr/new": "salaries", "wiki:hry": "lunch"})
    report = office.ingestor.sync(everything, docs, now=NOW)
    assert (counts(report), report.skipped) == (
        (1, 0, 0, 0, 0),
        (Skipped("wiki:hr/new", FOR_FEWER),),
    )
    office.ingestor.sync(own, Shelf({"wiki:hr/new": "salaries"}), now=NOW)
    office.ingestor.sync(everything, docs, now=NOW)
    assert office.readers("everyone") == {"lunch"}
    assert office.readers("channel:T1:C1") == {"salaries"}

    # It vanishes for a moment: the reading that finds it again does not give it to all.
    office.ingestor.sync(own, Shelf({}), confirmed=True, now=NOW)
    office.ingestor.sync(everything, Shelf({"wiki:hry": "lunch"}), confirmed=True, now=NOW)
    office.ingestor.sync(everything, docs, now=NOW)
    assert office.readers("everyone") == {"lunch"}


@pytest.mark.slow
def test_document_behind_a_link_into_a_place_for_fewer_is_not_given_to_all(
    office: Office, tmp_path: Path
) -> None:
    docs, hr = tmp_path / "docs", tmp_path / "srv" / "hr"
    docs.mkdir()
    hr.mkdir(parents=True)
    (hr / "pay.md").write_text("salaries")
    (docs / "a.md").write_text("lunch")
    (docs / "hr").symlink_to(hr)
    office.ingestor.sync(office.collection(str(hr), CHANNEL, "folder"), FilesConnector(hr), now=NOW)
    stored = Collection(str(docs), "folder", Audience.of(), "U1", NOW, for_new=Audience.everyone())
    everything = Collections(office.db).add(stored)
    connector = FilesConnector(docs, linked=[tmp_path / "srv"])
    report = office.ingestor.sync(everything, connector, now=NOW)
    assert report.skipped == (Skipped(str(docs / "hr" / "pay.md"), FOR_FEWER),)
    assert office.readers("everyone") == {"lunch"}


@pytest.mark.slow
def test_documents_behind_a_link_stay_while_their_share_is_not_mounted(
    office: Office, tmp_path: Path
) -> None:
    docs, share = tmp_path / "docs", tmp_path / "share"
    docs.mkdir()
    (share / "archive").mkdir(parents=True)
    for n in range(3):
        (share / "archive" / f"{n}.md").write_text(f"text {n}")
    (docs / "archive").symlink_to(share / "archive")
    folder = office.collection(str(docs), kind="folder")
    office.ingestor.sync(folder, FilesConnector(docs, linked=[share]), now=NOW)
    share.rename(tmp_path / "away")
    share.mkdir()
    report = office.ingestor.sync(folder, FilesConnector(docs, linked=[share]), now=NOW)
    assert [one.source for one in report.failed] == [str(docs / "archive")]
    assert office.readers("team:T1") == {"text 0", "text 1", "text 2"}


@pytest.mark.slow
def test_document_that_some_lost_is_not_given_to_them_again_by_a_collection(
    office: Office,
) -> None:
    page, site = "https://example.com/p", "https://example.com/"
    wiki = office.collection(site, CHANNEL.together_with(TEAM))
    docs = Shelf({page: "text", f"{site}q": "more"})
    office.ingestor.sync(wiki, docs, now=NOW)
    office.ingestor.withdraw(page, CHANNEL)
    for text in ("text", "changed"):
        docs.texts[page] = text
        office.ingestor.sync(wiki, docs, now=NOW)
        assert office.readers("channel:T1:C1") == {"more"}
        assert office.readers("team:T1") == {text, "more"}
    other = office.collection("https://example.com/p/", CHANNEL)
    office.ingestor.sync(other, Shelf({page: "changed"}), now=NOW)
    assert office.readers("channel:T1:C1") == {"more"}

    alone = office.collection(page, CHANNEL, "page")
    office.ingestor.sync(alone, Shelf({page: "changed"}), now=NOW)
    assert office.readers("channel:T1:C1") == {"changed", "more"}

    office.ingestor.withdraw(page, CHANNEL)
    office.sources.grant(page, CHANNEL, "U1", NOW)
    office.sources.leave(alone.uri, page, NOW)
    office.ingestor.sync(wiki, docs, now=NOW)
    assert office.readers("channel:T1:C1") == {"changed", "more"}


@pytest.mark.slow
def test_document_of_two_collections_stays_for_the_readers_of_the_other(office: Office) -> None:
    both = shelf(4)
    wiki, copy = office.collection("wiki:"), office.collection("copy:", CHANNEL)
    office.ingestor.sync(wiki, both, now=NOW)
    office.ingestor.sync(copy, both, now=NOW)
    assert office.readers("team:T1") == office.readers("channel:T1:C1")
    one = Shelf({uri: text for uri, text in both.texts.items() if uri != "wiki:0"})
    office.ingestor.sync(wiki, one, now=NOW)
    assert "text 0" not in office.readers("team:T1")
    assert "text 0" in office.readers("channel:T1:C1")
    office.ingestor.sync(copy, one, now=NOW)
    row = office.sources.find("wiki:0")
    assert row
    assert row.state is SourceState.REMOVED
    assert office.index.count() == 3


def test_withdrawn_collection_leaves_what_others_gave(office: Office) -> None:
    wiki, copy = office.collection("wiki:"), office.collection("copy:")
    both = shelf(3)
    office.ingestor.sync(wiki, both, now=NOW)
    office.ingestor.sync(copy, Shelf({"wiki:0": "text 0"}), now=NOW)
    office.sources.grant("wiki:1", PERSON, "U1", NOW)
    [failure] = office.ingestor.refresh(["wiki:1"], now=NOW).failed
    assert failure.reason == "it is read with its collection: refresh that"
    office.ingestor.sync(wiki, both, now=NOW)
    assert office.ingestor.withdraw_collection("wiki:", now=NOW) == 1
    assert office.readers("team:T1") == {"text 0"}
    assert office.sources.members("wiki:") == {}
    row = office.sources.find("wiki:1")
    assert row
    assert row.audience == PERSON


def test_collection_that_was_removed_gets_no_documents_and_gives_none(office: Office) -> None:
    wiki, docs = office.collection("wiki:"), shelf(3)
    office.ingestor.sync(wiki, docs, now=NOW)
    Collections(office.db).withdraw("wiki:")
    docs.texts["wiki:9"] = "late"
    with pytest.raises(NotFound):
        office.ingestor.sync(wiki, docs, now=NOW)
    assert office.ingestor.withdraw_collection("wiki:", now=NOW) == 3
    assert (office.readers("team:T1"), office.index.count()) == (set(), 0)


def test_collection_that_is_removed_while_it_is_first_read_leaves_nothing(office: Office) -> None:
    wiki = office.collection("wiki:")
    collections = Collections(office.db)
    docs = Removing(shelf(3).texts, removed={"wiki:2": lambda _: collections.withdraw("wiki:")})
    with pytest.raises(NotFound):
        office.ingestor.sync(wiki, docs, now=NOW)
    assert office.sources.all() == []


def test_source_that_a_kill_left_without_readers_is_removed(office: Office) -> None:
    wiki = office.collection("wiki:")
    office.ingestor.sync(wiki, shelf(3), now=NOW)
    row = office.sources.find("wiki:0")
    assert row
    nobody = Audience.of()
    left = replace(row, uri="wiki:9", state=SourceState.FETCHING, audience=nobody)
    office.sources.save(left)
    assert Collections(office.db).alone() == frozenset()
    office.ingestor.sync(wiki, shelf(3), now=NOW + timedelta(hours=2))
    found = office.sources.find("wiki:9")
    assert found
    assert (found.state, found.document) == (SourceState.REMOVED, "")
    assert len(office.readers("team:T1")) == 3


def test_withdrawn_collection_is_taken_at_once_also_while_the_index_cannot_be_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = TEAM.together_with(CHANNEL)
    wiki, copy = office.collection("wiki:", both), office.collection("copy:")
    office.ingestor.sync(wiki, shelf(3), now=NOW)
    office.ingestor.sync(copy, Shelf({"wiki:0": "text 0"}), now=NOW)

    def fails(*_: object) -> None:
        raise IndexUnavailable("it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(office.index, "set_audience", fails)
        with pytest.raises(IndexUnavailable):
            office.ingestor.withdraw_collection("wiki:", TEAM, now=NOW)
    assert office.readers("team:T1") == {"text 0"}
    assert len(office.readers("channel:T1:C1")) == 3
    assert office.ingestor.withdraw_collection("wiki:", TEAM, now=NOW) == 0
    audiences = office.index.audiences()
    assert audiences.pop(office.document("wiki:0")) == {both}
    assert set(audiences.values()) == {frozenset({CHANNEL})}


def test_what_a_person_gave_besides_the_collection_stays(office: Office) -> None:
    wiki = office.collection("wiki:")
    office.ingestor.sync(wiki, shelf(4), now=NOW)
    office.sources.grant("wiki:0", TEAM, "U2", NOW)
    assert office.ingestor.withdraw_collection("wiki:", TEAM, now=NOW) == 3
    assert office.readers("team:T1") == {"text 0"}


@pytest.mark.slow
def test_folder_is_synced_and_a_deleted_file_is_removed_even_if_a_person_added_it(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_SETTLED", 0.0)
    docs = tmp_path / "docs"
    docs.mkdir()
    for n in range(5):
        (docs / f"{n}.md").write_text(f"text {n}")
    office.ingestor.ingest([docs], TEAM, "cli:me", now=NOW)
    folder = office.collection(str(docs), CHANNEL, "folder")
    connector = FilesConnector(docs)
    assert counts(office.ingestor.sync(folder, connector, now=NOW)) == (0, 0, 5, 0, 0)
    assert len(office.readers("channel:T1:C1")) == 5
    (docs / "0.md").unlink()
    (docs / "1.md").write_text("changed")
    assert counts(office.ingestor.sync(folder, connector, now=NOW)) == (0, 1, 3, 1, 0)
    assert office.readers("team:T1") == {"changed", "text 2", "text 3", "text 4"}
    assert set(office.sources.members(str(docs))) == {str(docs / f"{n}.md") for n in range(1, 5)}
