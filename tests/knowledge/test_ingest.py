import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.documents import Embedded, IngestReport, Source, SourceState
from domain.errors import EmptySource, GoneSource, IndexUnavailable, UnreadableSource
from domain.questions import Audience, Passage, Question
from knowledge.index.lance import LanceIndex
from knowledge.ingest import Ingestor
from knowledge.ingest_run import ATTEMPTS, IngestProgress
from knowledge.query.search import Searcher
from knowledge.readers.base import File
from knowledge.reading import Readers
from knowledge.sources.fetch import Fetcher
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger
from tests.knowledge.test_reading import slow_file

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EVERYONE = Audience.everyone()
CHANNEL = Audience.of("channel:C")


class Container:
    """An ingestor with everything that it needs, in one folder."""

    def __init__(self, folder: Path, fetcher: Fetcher | None = None, limit: int = 10_000) -> None:
        self.docs = folder / "docs"
        self.docs.mkdir(exist_ok=True)
        self.embedder = WordEmbedder()
        self.ledger = new_ledger(folder / "phi3.db")
        self.index = LanceIndex(folder / "index", self.embedder.model, DIMENSION)
        self.ingestor = Ingestor(self.index, self.embedder, self.ledger, fetcher, limit=limit)

    def write(self, name: str, content: str | bytes) -> str:
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def ingest(self, *targets: str | Path, audience: Audience = EVERYONE) -> IngestReport:
        return self.ingestor.ingest(targets or [self.docs], audience, "me", now=NOW)

    def passages(self, audience: Audience = EVERYONE) -> tuple[Passage, ...]:
        """What a person finds who may read this."""
        question = Question("q", "anything", "me", NOW, audience)
        return Searcher(self.index, self.embedder, self.ledger).search(question, 1_000).passages

    def texts(self, audience: Audience = EVERYONE) -> set[str]:
        return {one.text for one in self.passages(audience)}

    def indexed(self) -> set[str]:
        """The sources whose documents are in the index."""
        documents = self.index.documents()
        return {row.uri for row in self.ledger.all() if row.document in documents}

    def document(self, uri: str) -> str:
        row = self.ledger.find(uri)
        assert row
        return row.document


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


def counts(report: IngestReport) -> tuple[int, ...]:
    return report.added, report.updated, report.unchanged, report.removed


def test_folder_becomes_searchable_with_its_subfolders(container: Container) -> None:
    a = container.write("a.md", "# Lunch\n\nAt noon")
    b = container.write("deep/er/b.txt", "Invoices on Friday")
    report = container.ingest()
    assert counts(report) == (2, 0, 0, 0)
    assert container.indexed() == {a, b}
    row = container.ledger.find(a)
    assert row
    assert row == Source(
        a,
        EVERYONE,
        SourceState.INDEXED,
        "me",
        NOW,
        "Lunch",
        row.checksum,
        1,
        document=row.checksum,
        modified=datetime.fromtimestamp(Path(a).stat().st_mtime, UTC),
    )


def test_ingesting_again_embeds_nothing_and_changes_nothing(container: Container) -> None:
    container.write("a.md", "one")
    container.write("b.md", "two")
    container.ingest()
    before, rows = container.embedder.embedded, container.ledger.all()
    assert counts(container.ingest()) == (0, 0, 2, 0)
    assert container.embedder.embedded == before
    assert container.ledger.all() == rows


def test_changed_file_replaces_its_passages(container: Container) -> None:
    container.write("a.md", "old text")
    container.write("b.md", "same")
    container.ingest()
    container.write("a.md", "new text")
    assert counts(container.ingest()) == (0, 1, 1, 0)
    assert container.texts() == {"new text", "same"}


def test_file_deleted_from_its_folder_is_removed_from_the_index(container: Container) -> None:
    a = container.write("a.md", "stays")
    c = container.write("c.md", "stays too")
    gone = container.write("b.md", "goes")
    container.ingest()
    Path(gone).unlink()
    assert counts(container.ingest()) == (0, 0, 2, 1)
    assert container.indexed() == {a, c}
    row = container.ledger.find(gone)
    assert row
    assert (row.state, row.chunks, row.checksum) == (SourceState.REMOVED, 0, "")


def test_deleted_file_that_was_named_itself_is_removed_too(container: Container) -> None:
    a = container.write("a.md", "goes")
    container.write("b.md", "stays, and shows that the folder can be read")
    container.ingest(a)
    Path(a).unlink()
    assert counts(container.ingest(a)) == (0, 0, 0, 1)
    assert container.index.count() == 0


@pytest.mark.slow
def test_folder_of_a_share_that_is_not_mounted_loses_nothing(
    container: Container, tmp_path: Path
) -> None:
    for n in range(5):
        container.write(f"deep/{n}.md", f"text {n}")
    container.ingest()
    container.docs.rename(tmp_path / "unmounted")
    container.docs.mkdir()
    report = container.ingest()
    assert counts(report) == (0, 0, 0, 0)
    [failure] = report.failed
    assert failure.source == str(container.docs)
    assert "5 of its 5 documents are not there any more" in failure.reason
    container.docs.rmdir()
    gone = container.ingest()
    assert [one.source for one in gone.failed] == [str(container.docs)]
    assert "it does not exist: is a share not mounted" in gone.failed[0].reason
    assert container.ledger.find(str(container.docs)) is None
    container.docs.mkdir()
    again = container.ingestor.refresh([str(container.docs / "deep" / "0.md")], now=NOW)
    assert "is a share not mounted" in again.failed[0].reason
    assert len(container.texts()) == 5

    confirmed = container.ingestor.ingest([container.docs], EVERYONE, "me", confirmed=True, now=NOW)
    assert (confirmed.removed, confirmed.failed, container.texts()) == (5, (), set())


def test_folder_that_cannot_be_opened_keeps_its_passages_and_is_reported(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    container.write("a.md", "one")
    locked = Path(container.write("locked/b.md", "two")).parent
    container.ingest()
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = container.ingest()
    assert counts(report) == (0, 0, 1, 0)
    assert [(one.source, one.reason) for one in report.failed] == [
        (str(locked), "it cannot be opened: Permission denied")
    ]
    assert container.texts() == {"one", "two"}


def test_share_that_vanishes_while_it_is_read_loses_nothing(
    container: Container, tmp_path: Path
) -> None:
    files = [container.write(f"{n}.md", f"text {n}") for n in range(4)]
    container.ingest()
    container.docs.rename(tmp_path / "unmounted")
    report = container.ingestor.ingest(files, EVERYONE, "me", now=NOW)
    assert {one.source for one in report.failed} == set(files)
    assert len(container.texts()) == 4


def test_folder_with_a_longer_name_is_another_folder(container: Container, tmp_path: Path) -> None:
    other = tmp_path / "docs-old"
    other.mkdir()
    (other / "x.md").write_text("kept")
    container.ingest(other)
    container.write("a.md", "one")
    container.ingest()
    assert container.texts() == {"kept", "one"}


def test_removed_source_that_comes_back_is_added_again(container: Container) -> None:
    a = container.write("a.md", "text")
    container.ingest()
    assert container.ingestor.remove(a, now=NOW) == 1
    assert container.index.count() == 0
    assert counts(container.ingest()) == (1, 0, 0, 0)


def test_other_embedder_or_lost_index_means_embedding_again(container: Container) -> None:
    a = container.write("a.md", "text")
    container.ingest()
    container.index.remove(container.document(a))
    assert counts(container.ingest()) == (1, 0, 0, 0)
    container.embedder.model = "another"
    assert counts(container.ingest()) == (0, 1, 0, 0)


def test_same_file_named_twice_is_read_once(container: Container) -> None:
    a = container.write("a.md", "text")
    assert counts(container.ingest(a, Path(a), container.docs)) == (1, 0, 0, 0)


def test_hidden_files_are_ignored(container: Container) -> None:
    container.write(".git/config.txt", "no")
    container.write(".env.txt", "no")
    container.write("~$a.docx", "no")
    container.write("a.md", "yes")
    assert counts(container.ingest()) == (1, 0, 0, 0)


def test_each_failure_is_reported_and_the_others_continue(container: Container) -> None:
    good = container.write("good.md", "fine")
    bad = {
        container.write("empty.md", ""): "it is empty",
        container.write("garbage.txt", bytes(range(256)) * 9): "not text",
        container.write("huge.txt", "x" * 20_000): "larger than 0.01 MB",
        container.write("broken.pdf", "%PDF-"): "damaged",
    }
    picture = container.write("picture.png", "x")
    container.write("node_modules/a.md", "installed")
    container.write("notes.md~", "backup")
    fifo = str(container.docs / "pipe.txt")
    os.mkfifo(fifo)
    missing = str(container.docs / "missing.md")
    private = "http://127.0.0.1:1/x"
    bad |= {fifo: "not a file", missing: "no such file", private: "private network"}
    report = container.ingestor.ingest([container.docs, missing, private], EVERYONE, "me", now=NOW)
    assert counts(report) == (1, 0, 0, 0)
    assert {failure.source for failure in report.failed} == set(bad)
    for failure in report.failed:
        assert bad[failure.source] in failure.reason
        assert "\n" not in failure.reason
        row = container.ledger.find(failure.source)
        if failure.source == missing:
            assert row is None
            continue
        assert row
        assert row.state is SourceState.FAILED
        assert failure.reason.startswith(row.reason)  # the public reason, without the detail
    assert container.indexed() == {good}
    assert [(Path(one.source).name, one.reason) for one in report.skipped] == [
        ("node_modules", "installed packages"),
        ("notes.md~", "backups of editors"),
        ("picture.png", "pictures are not read"),
    ]
    assert container.ledger.find(picture) is None
    assert "1 × pictures are not read (" in report.sentence()


def test_file_whose_name_is_not_utf8_is_the_only_failure(container: Container) -> None:
    container.write("a.md", "fine")
    Path(os.fsdecode(os.fsencode(container.docs) + b"/\xff\xfe.md")).write_text("x")
    report = container.ingestor.ingest([container.docs], EVERYONE, "me", now=NOW)
    assert report.added == 1
    assert "not valid UTF-8" in report.failed[0].reason
    report.sentence().encode()


def test_file_whose_address_no_database_stores_is_the_only_failure(container: Container) -> None:
    container.write("a.md", "fine")
    container.write("/".join(["d" * 200] * 7), "far below")
    report = container.ingest()
    assert report.added == 1
    assert [one.reason for one in report.failed] == ["its address is longer than 1,250 bytes"]


def test_failed_source_keeps_its_last_passages_until_it_can_be_read(container: Container) -> None:
    a = container.write("a.md", "good")
    container.ingest()
    container.write("a.md", b"\0\0\0")
    container.ingest()
    assert container.texts() == {"good"}
    container.write("a.md", "good")
    assert counts(container.ingest()) == (0, 0, 1, 0)
    row = container.ledger.find(a)
    assert row
    assert (row.state, row.attempts, row.reason) == (SourceState.INDEXED, 0, "")


def test_source_that_always_fails_is_quarantined(container: Container) -> None:
    a = container.write("a.md", "")
    for _ in range(ATTEMPTS):
        container.ingest()
    row = container.ledger.find(a)
    assert row
    assert (row.state, row.attempts) == (SourceState.QUARANTINED, ATTEMPTS)


def test_index_that_fails_stops_the_run(container: Container) -> None:
    class Broken(LanceIndex):
        def replace(self, *documents: Embedded) -> None:
            raise IndexUnavailable("gone")

    container.write("a.md", "text")
    broken = Broken(container.docs.parent / "other", container.embedder.model, DIMENSION)
    ingestor = Ingestor(broken, container.embedder, container.ledger)
    with pytest.raises(IndexUnavailable):
        ingestor.ingest([container.docs], EVERYONE, "me", now=NOW)
    assert counts(container.ingest()) == (1, 0, 0, 0)


def test_progress_counts_up_to_the_total(container: Container) -> None:
    for n in range(5):
        container.write(f"{n}.md", f"text {n}")
    container.write("x.png", "")
    seen: list[IngestProgress] = []
    container.ingestor.ingest([container.docs], EVERYONE, "me", now=NOW, progress=seen.append)
    assert [step.done for step in seen] == [1, 2, 3, 4, 5, 6]
    assert {step.total for step in seen} == {6}
    assert sorted(step.outcome for step in seen) == ["added"] * 5 + ["failed"]


@pytest.mark.slow
def test_many_chunks_go_in_several_batches(container: Container) -> None:
    container.ingestor = Ingestor(container.index, container.embedder, container.ledger)
    for n in range(4):
        container.write(f"{n}.md", "\n\n".join(f"{n} {m} " + "word " * 200 for m in range(120)))
    report = container.ingestor.ingest([container.docs], EVERYONE, "me", now=NOW)
    assert report.chunks == container.index.count() == container.embedder.embedded == 480


class Web(Fetcher):
    """Pages by address; a callable raises."""

    def __init__(self, pages: dict[str, str | Exception]) -> None:
        super().__init__()
        self.pages = pages

    def fetch(self, uri: str) -> File:
        page = self.pages[uri]
        if isinstance(page, Exception):
            raise page
        return File(page.encode(), kind="text/markdown", address=uri)


URL = "https://example.org/guide"


@pytest.fixture
def web(tmp_path: Path) -> tuple[Container, dict[str, str | Exception]]:
    pages: dict[str, str | Exception] = {URL: "# Guide\n\nhello"}
    return Container(tmp_path, Web(pages)), pages


def requested(uri: str) -> Source:
    return Source(uri, CHANNEL, SourceState.REQUESTED, "U1", NOW)


def test_requested_source_is_indexed_and_remembers_who_asked_for_it(
    web: tuple[Container, dict[str, str | Exception]],
) -> None:
    container, _ = web
    row = container.ingestor.ingest_one(requested(URL), now=NOW)
    assert row == container.ledger.find(URL)
    assert (row.state, row.title, row.chunks) == (SourceState.INDEXED, "Guide", 1)
    assert row.requested_by == "U1"
    assert container.texts(CHANNEL) == {"hello"}


def test_requested_source_that_fails_says_why(
    web: tuple[Container, dict[str, str | Exception]],
) -> None:
    container, pages = web
    pages[URL] = UnreadableSource("its server answered 404")
    row = container.ingestor.ingest_one(requested(URL), now=NOW)
    assert (row.state, row.reason) == (SourceState.FAILED, "its server answered 404")


def test_path_of_the_server_cannot_be_requested(container: Container) -> None:
    secret = container.write("secret.txt", "password")
    row = container.ingestor.ingest_one(requested(secret), now=NOW)
    assert row.state is SourceState.FAILED
    assert container.index.count() == 0


def test_refresh_keeps_the_audience(
    web: tuple[Container, dict[str, str | Exception]],
) -> None:
    container, pages = web
    container.ingestor.ingest_one(requested(URL), now=NOW)
    assert counts(container.ingestor.refresh([URL], now=NOW)) == (0, 0, 1, 0)
    pages[URL] = "# Guide\n\nchanged"
    report = container.ingestor.refresh([URL, "https://example.org/never"], now=NOW)
    assert counts(report) == (0, 1, 0, 0)
    assert container.texts(CHANNEL) == {"changed"}
    assert [failure.source for failure in report.failed] == ["https://example.org/never"]


def test_page_that_fails_keeps_its_passages(
    web: tuple[Container, dict[str, str | Exception]],
) -> None:
    container, pages = web
    container.ingest(URL)
    pages[URL] = EmptySource("it holds no text")
    assert "it holds no text" in container.ingest(URL).failed[0].reason
    assert container.texts() == {"hello"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<title>Sign in</title><form><input type=password></form>", "leads to a login"),
        ("<div id=root></div><noscript>Enable JavaScript</noscript>", "without JavaScript"),
        ("<title>404</title><h1>Page not found</h1>", "no such page"),
        ("<meta http-equiv=refresh content='0; url=/new'>", "leads on to another page"),
    ],
)
def test_what_comes_instead_of_a_page_does_not_replace_it(
    web: tuple[Container, dict[str, str | Exception]], page: str, why: str
) -> None:
    container, pages = web
    container.ingest(URL)
    pages[URL] = f"<!doctype html><html>{page}</html>"
    [failure] = container.ingest(URL).failed
    assert why in failure.reason
    assert container.texts() == {"hello"}


def test_page_that_is_gone_twice_in_a_row_is_removed(
    web: tuple[Container, dict[str, str | Exception]],
) -> None:
    container, pages = web
    container.ingest(URL)
    gone = GoneSource("its server says that it does not exist", "404")
    for answer in (gone, UnreadableSource("its server answered 500"), gone):
        pages[URL] = answer
        assert counts(container.ingest(URL)) == (0, 0, 0, 0)
        assert container.texts() == {"hello"}
    assert counts(container.ingest(URL)) == (0, 0, 0, 1)
    assert container.texts() == set()


SLOWLY = """
import sys, time
from pathlib import Path
from domain.questions import Audience, Passage, Question
from knowledge.ingest import Ingestor
import knowledge.ingest
from knowledge.index.lance import LanceIndex
from tests.knowledge.doubles import DIMENSION, WordEmbedder, new_ledger

class Slow(WordEmbedder):
    def embed_passages(self, texts):
        time.sleep(0.05)
        return super().embed_passages(texts)

knowledge.ingest._BATCH = 4
folder = Path(sys.argv[1])
embedder = Slow()
index = LanceIndex(folder / "index", embedder.model, DIMENSION)
ledger = new_ledger(folder / "phi3.db")
Ingestor(index, embedder, ledger).ingest([folder / "docs"], Audience.everyone(), "me")
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [3, 17, 38])
def test_killed_ingest_loses_nothing_and_duplicates_nothing(tmp_path: Path, after: int) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for n in range(60):
        (docs / f"{n}.md").write_text(
            "\n\n".join(f"{n} {m} " + "word " * 180 for m in range(n % 4))
        )
    (docs / "0.md").write_text("first")
    old = Container(tmp_path)
    old.ingest(docs / "1.md", docs / "2.md")
    (docs / "2.md").write_text("changed")

    root = str(Path(__file__).parents[2])
    victim = subprocess.Popen([sys.executable, "-c", SLOWLY, str(tmp_path)], cwd=root)
    _wait_until(lambda: len(old.ledger.all()) > 2 + after)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    assert {str(docs / "1.md"), str(docs / "2.md")} <= old.indexed()

    again = Container(tmp_path)
    report = again.ingestor.ingest([docs], EVERYONE, "me", now=NOW)
    (tmp_path / "fresh").mkdir()
    fresh = Container(tmp_path / "fresh")
    fresh.ingest(docs)
    assert again.index.count() == fresh.index.count()
    assert again.indexed() == fresh.indexed()
    assert again.texts() == fresh.texts()
    assert report.unchanged > 0
    assert counts(again.ingestor.ingest([docs], EVERYONE, "me"))[:2] == (0, 0)


def _wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.slow
def test_file_that_kills_its_reader_does_not_stop_the_folder(tmp_path: Path) -> None:
    readers = Readers(seconds=2.5)
    container = Container(tmp_path, limit=10_000_000)
    ingestor = Ingestor(
        container.index, container.embedder, container.ledger, limit=10_000_000, readers=readers
    )
    for name in ("a.md", "c.md", "e.md"):
        container.write(name, f"# {name}\n\nAt noon, says {name}")
    bad = [container.write("b.docx", slow_file()), container.write("d.docx", b"PK\x03\x04 broken")]
    report = ingestor.ingest([container.docs], EVERYONE, "me", now=NOW)
    readers.close()
    assert report.added == 3
    assert [failure.source for failure in report.failed] == bad
    assert "took longer than 2.5 seconds" in report.failed[0].reason


def test_path_that_leads_nowhere_is_a_failure_beside_the_others(container: Container) -> None:
    circle = container.docs / "circle"
    circle.symlink_to(circle)
    path = container.write("a.md", "text")
    report = container.ingest(circle, path)
    assert [one.source for one in report.failed] == [str(circle)]
    assert report.added == 1
