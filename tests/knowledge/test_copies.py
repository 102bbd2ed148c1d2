"""Sources with the same content share one document: it is embedded once, and fills one place."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.documents import Embedded, IngestReport, Source, SourceState
from domain.errors import IndexUnavailable
from domain.questions import Audience, Newer, Passage, Question
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.query.search import Searcher
from knowledge.readers.base import File
from knowledge.sources.fetch import Fetcher
from knowledge.way import Way
from records.database import Database
from records.sources import Sources
from tests.knowledge.doubles import DIMENSION, WordEmbedder

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVERYONE = Audience.everyone()
TEAM = Audience.of("team:T1")
CHANNEL = Audience.of("channel:T1:C1")
TEXT = "The bell lies in the attic."


class Killed(Exception):
    """Stands for the end of the process."""


class DyingSources(Sources):
    """A ledger whose process ends before or after a write, counted from 1."""

    dies_at: int = 0
    writes: int = 0
    is_after: bool = False

    def _write(self, write: Callable[[], None]) -> None:
        self.writes += 1
        is_last = self.writes == self.dies_at
        if is_last and not self.is_after:
            raise Killed
        write()
        if is_last:
            raise Killed


class DyingLedger(DyingSources):
    def save_all(self, changed: Sequence[Source]) -> None:
        self._write(lambda: Sources.save_all(self, changed))

    def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
        self._write(lambda: Sources.withdraw(self, uri, audience, at))


class DyingIndex(LanceIndex):
    """An index whose process ends at a write, counted together with those of the ledger."""

    ledger: DyingLedger

    def replace(self, *documents: Embedded) -> None:
        self.ledger._write(lambda: LanceIndex.replace(self, *documents))

    def set_audience(self, audience: Audience, *documents: str) -> None:
        self.ledger._write(lambda: LanceIndex.set_audience(self, audience, *documents))

    def remove(self, *documents: str) -> int:
        removed = 0

        def write() -> None:
            nonlocal removed
            removed = LanceIndex.remove(self, *documents)

        self.ledger._write(write)
        return removed


class Shop:
    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.docs = folder / "docs"
        self.docs.mkdir()
        self.embedder = WordEmbedder()
        self.ledger = DyingLedger(db)
        self.index = DyingIndex(folder / "index", self.embedder.model, DIMENSION)
        self.index.ledger = self.ledger
        self.ingestor = Ingestor(self.index, self.embedder, self.ledger)

    def write(self, name: str, text: str = TEXT, age: int = 60) -> str:
        """A file that was changed some seconds before NOW."""
        path = self.docs / name
        path.write_text(
            f"# The bell\n\n{text}" if name.endswith(".md") and text[0] != "#" else text
        )
        at = NOW.timestamp() - age
        os.utime(path, (at, at))
        return str(path)

    def ingest(self, *uris: str, audience: Audience = EVERYONE) -> None:
        report = self.ingestor.ingest(uris or [self.docs], audience, "me", now=NOW)
        assert report.failed == ()

    def found(self, *labels: str) -> list[Passage]:
        question = Question("q", "Where does the bell lie?", "U1", NOW, Audience.of(*labels))
        return list(Searcher(self.index, self.embedder, Sources(self.db)).search(question).passages)

    def texts(self, *labels: str) -> set[str]:
        return {one.text for one in self.found(*labels)}


@pytest.fixture
def shop(db: Database, tmp_path: Path) -> Shop:
    return Shop(db, tmp_path)


def test_six_equal_files_are_embedded_once_and_fill_one_place(shop: Shop) -> None:
    for n in range(6):
        shop.write(f"copy {n}.md")
    shop.write("other.md", "The bell was moved to the barn.")
    shop.ingest()
    assert (shop.embedder.embedded, shop.index.count()) == (2, 2)
    assert len(shop.found("everyone")) == 2
    rows = shop.ledger.all()
    assert {row.state for row in rows} == {SourceState.INDEXED}
    assert len({row.document for row in rows}) == 2


def test_name_that_is_the_only_title_is_not_shown_to_readers_of_a_copy(shop: Shop) -> None:
    words = "The bell lies in the shed."
    layoffs, notes = shop.write("Layoffs of March.txt", words), shop.write("notes.txt", words)
    (shop.docs / "b").mkdir()
    same = shop.write("b/notes.txt", words)
    shop.ingest(layoffs, shop.write("copy.txt", words), audience=CHANNEL)
    shop.ingest(notes, same, audience=TEAM)
    assert {one.title for one in shop.found(*TEAM.labels)} == {"notes"}
    assert {one.title for one in shop.found(*CHANNEL.labels)} == {"Layoffs of March"}
    assert (shop.embedder.embedded, shop.index.count()) == (2, 2)
    shop.ingest(notes, layoffs, same)
    assert shop.embedder.embedded == 2


def test_name_of_a_private_file_is_not_shown_when_a_copy_gets_more_readers(shop: Shop) -> None:
    words = "The bell lies in the shed."
    layoffs, copy = shop.write("Layoffs of March.txt", words), shop.write("copy.txt", words)
    shop.ingest(layoffs, copy, audience=CHANNEL)
    assert shop.index.count() == 1
    shop.ingest(copy, audience=TEAM)
    assert {one.title for one in shop.found(*TEAM.labels)} == {"copy"}
    assert {one.title for one in shop.found(*EVERYONE.labels)} == set()
    shop.ledger.grant(copy, EVERYONE, "U1", NOW)  # as the bot does before it reads
    row = shop.ledger.find(copy)
    assert row
    shop.ledger.save(replace(row, state=SourceState.FETCHING))
    shop.ingestor.refresh([copy], now=NOW)
    assert {one.title for one in shop.found(*EVERYONE.labels)} == {"copy"}


def test_name_of_a_private_file_is_not_shown_after_the_copy_could_first_not_be_read(
    shop: Shop,
) -> None:
    words = "The bell lies in the shed."
    layoffs, copy = shop.write("Layoffs of March.txt", words), shop.write("copy.txt", words)
    shop.ingest(layoffs, copy, audience=CHANNEL)
    row = shop.ledger.find(copy)
    assert row
    shop.ledger.grant(copy, TEAM, "U1", NOW)
    shop.ledger.save(replace(row, state=SourceState.FAILED))
    LanceIndex.set_audience(shop.index, TEAM.together_with(CHANNEL), row.document)
    shop.ingestor.refresh([copy], now=NOW)
    assert {one.title for one in shop.found(*TEAM.labels)} == {"copy"}


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_copies_that_all_get_more_readers_still_share_their_document(shop: Shop, name: str) -> None:
    shop.write(name)
    shop.write(f"copy of {name}")
    shop.ingest(audience=CHANNEL)
    shop.ingest(audience=TEAM)
    assert (shop.embedder.embedded, shop.index.count()) == (1, 1)
    assert shop.texts(*TEAM.labels) == {TEXT}


def test_title_that_the_text_itself_gives_is_kept_when_a_copy_gets_more_readers(
    shop: Shop,
) -> None:
    a, b = shop.write("a.md"), shop.write("b.md")
    shop.ingest(a, b, audience=CHANNEL)
    report = shop.ingestor.ingest([b], TEAM, "me", now=NOW)
    assert (report.unchanged, shop.embedder.embedded, shop.index.count()) == (1, 1, 1)
    assert {one.title for one in shop.found(*TEAM.labels)} == {"The bell"}


def test_files_of_slack_with_one_name_share_a_document_and_others_do_not_show_theirs(
    shop: Shop,
) -> None:
    names = {"F1": "Layoffs.txt", "F2": "Layoffs.txt", "F3": "notes.txt"}
    fetcher = Fetcher(download=lambda uri: (names[uri.removeprefix("slack-file:")], b"The bell."))
    ingestor = Ingestor(shop.index, shop.embedder, shop.ledger, fetcher)
    for uri, audience in (("F1", CHANNEL), ("F2", CHANNEL), ("F3", TEAM)):
        ingestor.ingest([f"slack-file:{uri}"], audience, "me", now=NOW)
    assert {one.title for one in shop.found(*CHANNEL.labels)} == {"Layoffs"}
    assert {one.title for one in shop.found(*TEAM.labels)} == {"notes"}
    ingestor.ingest(["slack-file:F2"], TEAM, "me", now=NOW)
    assert {one.title for one in shop.found(*TEAM.labels)} == {"notes", "Layoffs"}
    assert shop.index.count() == 2


def checksum(address: str, href: str = "leave", kind: str = "text/html") -> str:
    page = f"<title>Bell</title><p>Of the bell: see <a href={href}>leave</a>."
    return Way("words").checksum(File(page.encode(), kind=kind, address=address))


def test_page_is_shared_only_in_one_folder_since_its_links_show_where_it_was() -> None:
    here = checksum("https://secret.example.com/a/b")
    assert here == checksum("https://secret.example.com/a/c?x=1")
    elsewhere = ["https://open.example.com/a/b", "https://secret.example.com/c/b", ""]
    assert here not in map(checksum, elsewhere)
    assert checksum("", kind="application/pdf") == checksum(
        "https://e.org/a", kind="application/pdf"
    )


@pytest.mark.parametrize("href", ["?p=1", "'?p=1'", '"&#63;p=1"', '" "', '" #top"', '"\0?\0p"'])
def test_page_whose_links_show_all_of_its_address_is_shared_only_there(href: str) -> None:
    assert checksum("https://e.org/a/b", href) == checksum("https://e.org/a/b?x=1", href)
    assert checksum("https://e.org/a/b", href) != checksum("https://e.org/a/c", href)


@pytest.mark.parametrize("href", ["leave", '"../leave"', "'/leave?p=1'", '"#top"', '""'])
def test_page_whose_links_show_only_its_folder_is_shared_there(href: str) -> None:
    assert checksum("https://e.org/a/b", href) == checksum("https://e.org/a/c", href)


OLD, NEW = (
    "The great bell lies in the shed behind the mill. Ask Ada for the key of it. ",
    ("The great bell lies in the shed behind the mill. Ask Bo for the key of it. "),
)


def test_answer_from_an_old_version_names_the_newest_that_the_asker_may_read(shop: Shop) -> None:
    old = shop.write("bell 2024.md", f"# Bell 2024\n\n{OLD}")
    new = shop.write("bell 2026.md", f"# Bell 2026\n\n{NEW}")
    shop.ingest(old)
    shop.ingest(new, audience=TEAM)
    first, second = shop.found("everyone", *TEAM.labels)
    assert (first.source, first.newer) == (new, None)
    assert (second.source, second.newer) == (old, Newer(new, "Bell 2026"))
    [alone] = shop.found("everyone")
    assert (alone.source, alone.newer) == (old, None)


def test_version_that_is_removed_is_named_no_more(shop: Shop) -> None:
    old = shop.write("bell 2024.md", f"# Bell 2024\n\n{OLD}")
    new = shop.write("bell 2026.md", f"# Bell 2026\n\n{NEW}")
    shop.ingest()
    shop.ingestor.remove(new, now=NOW)
    assert [(one.source, one.newer) for one in shop.found("everyone")] == [(old, None)]
    assert [each.document for each in shop.ledger.versions_about("bell")] == [
        one.document for one in shop.found("everyone")
    ]


def test_copies_that_come_later_embed_nothing_and_readers_are_those_of_all(shop: Shop) -> None:
    shop.ingest(shop.write("a.md"), audience=TEAM)
    shop.ingest(shop.write("b.md"), audience=CHANNEL)
    assert shop.embedder.embedded == 1
    assert shop.texts("team:T1") == shop.texts("channel:T1:C1") == {TEXT}
    assert shop.texts("everyone") == set()
    assert list(shop.index.audiences().values()) == [{TEAM.together_with(CHANNEL)}]


def test_each_reader_is_told_the_address_that_they_may_read(shop: Shop) -> None:
    shop.ingest(new := shop.write("new.md", age=10), audience=CHANNEL)
    shop.ingest(old := shop.write("old.md", age=99), audience=TEAM)
    shop.ingest(older := shop.write("the older one.md", age=99), audience=TEAM)
    assert [(one.source, one.also) for one in shop.found("team:T1")] == [(old, (older,))]
    assert [(one.source, one.also) for one in shop.found("channel:T1:C1")] == [(new, ())]
    [both] = shop.found("channel:T1:C1", "team:T1")
    assert (both.source, both.also) == (new, (old, older))


def test_passage_that_the_index_shows_to_too_many_is_not_found(shop: Shop) -> None:
    shop.ingest(shop.write("a.md"), audience=TEAM)
    [document] = shop.index.documents()
    shop.index.set_audience(EVERYONE, document)
    assert shop.found("everyone") == []


@pytest.mark.slow
def test_copy_that_is_changed_removed_or_withdrawn_leaves_the_document_to_the_others(
    shop: Shop,
) -> None:
    a, b, c = (shop.write(f"{name}.md") for name in "abc")
    for uri, audience in ((a, TEAM), (b, CHANNEL), (c, EVERYONE)):
        shop.ingest(uri, audience=audience)
    shop.write("a.md", "The bell was sold.")
    shop.ingest(a, audience=TEAM)
    assert shop.texts("team:T1") == {"The bell was sold."}
    assert shop.texts("channel:T1:C1") == {TEXT}
    shop.ingestor.withdraw(b, CHANNEL, now=NOW)
    assert shop.texts("channel:T1:C1") == set()
    assert shop.texts("everyone") == {TEXT}
    assert shop.ingestor.remove(c, now=NOW) == 1
    assert shop.texts("everyone") == set()
    assert shop.index.count() == 1


def test_forgotten_copy_leaves_the_document_to_the_others(shop: Shop) -> None:
    a, b = shop.write("a.md"), shop.write("b.md")
    shop.ingest(a, audience=TEAM)
    shop.ingest(b, audience=CHANNEL)
    assert shop.ingestor.forget(a) == 0
    assert list(shop.index.audiences().values()) == [{CHANNEL}]
    shop.ledger.withdraw(a, None, NOW)
    assert shop.ingestor.forget(b) == 1
    assert shop.index.count() == 0


def test_moved_document_embeds_nothing(shop: Shop) -> None:
    shop.write("a.md")
    shop.write("stays.md", "stays")
    shop.write("too.md", "stays too")
    shop.ingest()
    (shop.docs / "a.md").rename(shop.docs / "b.md")
    report = shop.ingestor.ingest([shop.docs], EVERYONE, "me", now=NOW)
    assert (report.added, report.removed, shop.embedder.embedded) == (1, 1, 3)
    [one] = [one for one in shop.found("everyone") if one.text == TEXT]
    assert one.source.endswith("b.md")


def test_changed_document_embeds_only_its_new_chunks(shop: Shop) -> None:
    parts = [f"# Part {n}\n\n" + f"word{n} " * 150 for n in range(5)]
    shop.write("a.md", "\n\n".join(parts))
    shop.ingest()
    before = shop.embedder.embedded
    shop.write("a.md", "\n\n".join(["# Part 9\n\nThe bell is new.", *parts]))
    shop.ingest()
    assert before >= 5
    assert shop.embedder.embedded == before + 1
    assert shop.index.count() == before + 1
    assert len(shop.index.documents()) == 1


@pytest.mark.slow
def test_documents_of_no_source_are_deleted_unless_they_are_many(shop: Shop) -> None:
    for n in range(25):
        shop.write(f"{n}.md", f"text {n}")
    shop.ingest()
    [vector] = shop.embedder.embed_passages(["left"])
    [chunk] = shop.index.chunks(next(iter(shop.index.documents())))

    def leave(count: int) -> int:
        """The documents that are in the index after an ingest that finds so many without a row."""
        for n in range(count):
            LanceIndex.replace(shop.index, Embedded(f"left {n}", [chunk], [vector]))
        shop.ingest()
        return len(shop.index.documents())

    assert leave(3) == 25
    assert leave(40) == 65


def test_what_a_kill_leaves_without_a_source_is_deleted_by_the_first_reading(shop: Shop) -> None:
    a, b = shop.write("a.md"), shop.write("b.md", "The drum lies in the shed.")
    shop.ingest(a, b)
    shop.ledger.writes, shop.ledger.dies_at, shop.ledger.is_after = 0, 2, True
    with suppress(Killed):
        shop.ingestor.remove(a, now=NOW)
    removed, kept = shop.ledger.find(a), shop.ledger.find(b)
    assert removed
    assert kept
    assert removed.state is SourceState.REMOVED
    assert len(shop.index.documents()) == 2
    shop.ledger.dies_at = 0
    shop.ingestor = Ingestor(shop.index, shop.embedder, shop.ledger)
    shop.ingest(b)
    assert shop.index.documents() == {kept.document}


def test_what_an_outage_leaves_without_a_source_is_deleted_within_an_hour(shop: Shop) -> None:
    a = shop.write("a.md")
    shop.ingest(a)
    [vector] = shop.embedder.embed_passages(["left"])
    [chunk] = shop.index.chunks(next(iter(shop.index.documents())))
    shop.index.replace(Embedded("left", [chunk], [vector]))
    for minutes, left in ((59, 2), (60, 1)):
        shop.ingestor.ingest([a], EVERYONE, "me", now=NOW + timedelta(minutes=minutes))
        assert len(shop.index.documents()) == left


@pytest.mark.slow
@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, 8))
def test_killed_at_any_write_nothing_is_lost_and_nobody_is_let_in(
    shop: Shop, dies_at: int, *, is_after: bool
) -> None:
    """One of two copies changes, and a new copy of the other comes, for others."""
    a, b, c = shop.write("a.md"), shop.write("b.md"), shop.write("c.md")
    shop.ingest(a, audience=TEAM)
    shop.ingest(b, audience=CHANNEL)
    shop.write("a.md", "The bell was sold.")
    shop.ledger.writes, shop.ledger.dies_at, shop.ledger.is_after = 0, dies_at, is_after
    with suppress(Killed, IndexUnavailable):
        shop.ingest(a, c, audience=TEAM)
    assert shop.texts("channel:T1:C1") == {TEXT}
    assert shop.texts("team:T1") - {TEXT, "The bell was sold."} == set()
    assert shop.texts("team:T1")
    assert shop.texts("everyone") == shop.texts("channel:T1:C2") == set()

    shop.ledger.dies_at = 0
    shop.ingest(a, c, audience=TEAM)
    assert shop.texts("team:T1") == {TEXT, "The bell was sold."}
    assert shop.texts("channel:T1:C1") == {TEXT}
    assert shop.index.count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("dies_at", range(1, 5))
def test_killed_while_it_is_withdrawn_a_copy_is_for_fewer_and_not_for_more(
    shop: Shop, dies_at: int, *, is_after: bool
) -> None:
    a, b = shop.write("a.md"), shop.write("b.md")
    shop.ingest(a, audience=TEAM)
    shop.ingest(b, audience=CHANNEL)
    shop.ledger.writes, shop.ledger.dies_at, shop.ledger.is_after = 0, dies_at, is_after
    with suppress(Killed):
        shop.ingestor.withdraw(a, TEAM, now=NOW)
    assert shop.texts("channel:T1:C1") == {TEXT}
    shop.ledger.dies_at = 0
    shop.ingestor.withdraw(a, TEAM, now=NOW)
    assert shop.texts("team:T1") == set()
    assert list(shop.index.audiences().values()) == [{CHANNEL}]


@pytest.mark.parametrize("is_again", [False, True])
def test_killed_between_the_two_writes_of_an_audience_a_document_is_found_after_the_next_reading(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, *, is_again: bool
) -> None:
    """Its contents are for fewer already, and its row in the table and the ledger are not."""
    a = shop.write("a.md")
    shop.ingest(a, audience=TEAM.together_with(CHANNEL))

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("lancedb.table.LanceTable.update", kill)
        with suppress(Killed):
            shop.ingestor.withdraw(a, TEAM, now=NOW)
    assert shop.texts("team:T1") == set()

    if is_again:
        shop.ingestor.withdraw(a, TEAM, now=NOW)
    else:
        shop.ingestor.refresh([a], now=NOW)
    assert shop.texts("team:T1") == (set() if is_again else {TEXT})
    assert shop.texts("channel:T1:C1") == {TEXT}


@pytest.mark.slow
def test_two_processes_that_read_the_same_folder_at_once_write_each_document_once(
    shop: Shop,
) -> None:
    for n in range(40):
        shop.write(f"{n}.md", f"text {n % 30}")
    ingestors = [
        Ingestor(
            LanceIndex(shop.docs.parent / "index", shop.embedder.model, DIMENSION),
            shop.embedder,
            Sources(shop.db),
        )
        for _ in range(3)
    ]

    def ingest(ingestor: Ingestor) -> IngestReport:
        return ingestor.ingest([shop.docs], EVERYONE, "me", now=NOW)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(ingest, ingestors))
    shop.ingest()
    assert {row.state for row in shop.ledger.all()} == {SourceState.INDEXED}
    assert shop.index.documents() == {row.document for row in shop.ledger.all()}
    assert shop.index.count() == 30
    assert ingest(shop.ingestor).unchanged == 40


def test_document_that_another_process_deletes_meanwhile_is_read_again(shop: Shop) -> None:
    a, b = shop.write("a.md"), shop.write("b.md")
    shop.ingest(a)
    row = shop.ledger.find(a)
    assert row
    document = row.document

    class Late(Sources):
        """While this process begins with the copy, another one removes the document."""

        late = True

        def save_all(self, changed: Sequence[Source]) -> None:
            super().save_all(changed)
            if self.late:
                self.late = False
                shop.index.remove(document)

    late = Ingestor(shop.index, shop.embedder, Late(shop.db))
    [failure] = late.ingest([b], EVERYONE, "me", now=NOW).failed
    assert "read again next time" in failure.reason
    shop.ingest(b)
    assert [one.source for one in shop.found("everyone")] == [a]
    assert replace(row, updated_at=NOW) == shop.ledger.find(a)


def test_versions_that_are_read_together_are_versions_of_one_text(shop: Shop) -> None:
    for year, price in ((2024, 7), (2025, 8), (2026, 9)):
        words = (
            f"A full meal costs {price} euros. Lunch is from 11:30 to 14:00, and guests pay cash "
            "at the desk near the door. Dogs are not allowed in the hall."
        )
        shop.write(f"prices-{year}.md", f"# Price list {year}\n\n{words}\n")
    shop.ingest()
    documents = {row.document for row in shop.ledger.all()}
    assert len(documents) == 3
    families = shop.ledger.families(documents, EVERYONE)
    assert {one.document for its in families.values() for one in its} == documents
