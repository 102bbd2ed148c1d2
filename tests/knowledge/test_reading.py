"""A bad file fails alone, and the next one is read."""

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from io import BytesIO
from pathlib import Path

import docx
import pytest

from domain.errors import EmptySource, IngestError, UnreadableSource, UnsupportedSource
from domain.questions import Audience
from domain.tokens import Reach
from knowledge.document import read_document
from knowledge.readers.base import File
from knowledge.reading import Readers

EVERYONE = Audience.everyone()
REACH = Reach(512)
GOOD = b"# Lunch\n\nAt noon."
MARKDOWN, TEXT, HTML, DOCX = "a.md", "a.txt", "a.html", "a.docx"


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    found = Readers()
    yield found
    found.close()


def word_file(body: str) -> bytes:
    """A Word file with ``body`` as the text of its paragraphs, in XML."""
    empty, out = BytesIO(), BytesIO()
    docx.Document().save(empty)
    with zipfile.ZipFile(empty) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in parts.infolist():
            text = parts.read(part)
            if part.filename == "word/document.xml":
                text = text.replace(b"<w:body>", b"<w:body>" + body.encode())
            made.writestr(part.filename, text)
    return out.getvalue()


def paragraphs(count: int) -> str:
    """Paragraphs that do not compress well, and take long to read."""
    rng = random.Random(1)
    words = (f"{rng.getrandbits(64):x}" for _ in range(count))
    return "".join(f"<w:p><w:r><w:t>{word}</w:t></w:r></w:p>" for word in words)


@cache
def slow_file() -> bytes:
    """A Word file that takes seconds to read."""
    return word_file(paragraphs(300_000))


def read(readers: Readers, content: bytes, name: str) -> list[str]:
    found = readers.read(File(content, name), "/docs/a", REACH)
    return [one.text for one in found.chunks]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (GOOD, MARKDOWN),
        ("Größe: 5 € 日本 \u2028".encode(), TEXT),
        (b"<h1 id='l'>Lunch</h1><p>At <b>noon</b>", HTML),
        (b"# A\n\n" + b"word. " * 1_000 + b"\n\n## B\n\n" + b"text. " * 1_000, MARKDOWN),
        (word_file("<w:p><w:r><w:t>At noon</w:t></w:r></w:p>"), DOCX),
    ],
)
def test_what_is_read_is_what_the_parsers_find(readers: Readers, content: bytes, name: str) -> None:
    file = File(content, name)
    found = readers.read(file, "/docs/a.x", REACH)
    document = read_document(file, "/docs/a.x", REACH)
    assert (found.title, found.notes) == (document.title, document.notes)
    assert found.chunks == document.chunks


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", TEXT, EmptySource),
        (b"\x89PNG\r\n\x1a\n", TEXT, UnsupportedSource),
        (bytes(range(256)), TEXT, UnreadableSource),
        (b"PK\x03\x04", DOCX, UnreadableSource),
    ],
)
def test_errors_are_those_of_the_parsers(
    readers: Readers, content: bytes, name: str, error: type[IngestError]
) -> None:
    with pytest.raises(error) as here:
        read_document(File(content, name), "a", REACH)
    with pytest.raises(error) as there:
        readers.read(File(content, name), "a", REACH)
    assert str(here.value) == str(there.value)
    assert read(readers, GOOD, MARKDOWN)


@pytest.mark.slow
def test_document_that_takes_too_long_fails_and_the_next_is_read() -> None:
    readers = Readers(seconds=2)
    with pytest.raises(UnreadableSource, match="it took longer than 2 seconds to read"):
        read(readers, slow_file(), DOCX)
    assert read(readers, GOOD, MARKDOWN)
    readers.close()


@pytest.mark.slow
def test_document_that_takes_too_much_memory_fails_and_the_next_is_read() -> None:
    readers = Readers(memory=160_000_000)
    with pytest.raises(UnreadableSource, match=r"more than 160 MB of memory|stopped"):
        read(readers, b"<p>a" * 150_000, HTML)
    assert read(readers, GOOD, MARKDOWN)
    readers.close()


def test_file_that_unpacks_to_far_more_than_its_size_is_refused_at_once(readers: Readers) -> None:
    trap = word_file("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 150_000)
    assert len(trap) < 100_000
    with pytest.raises(UnreadableSource, match="unpacks to far more"):
        read(readers, trap, DOCX)


def test_long_table_of_equal_rows_is_read(readers: Readers) -> None:
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{n}</w:t></w:r></w:p></w:tc>" for n in range(4))
    table = f"<w:tbl>{f'<w:tr>{cells}</w:tr>' * 200}</w:tbl>"
    assert read(readers, word_file(table), DOCX)


@pytest.mark.slow
def test_more_text_than_a_book_has_is_refused(readers: Readers) -> None:
    with pytest.raises(UnreadableSource, match="more than 10,000,000 characters"):
        read(readers, b"word " * 2_100_000, TEXT)


def test_reader_that_was_killed_while_idle_is_replaced(readers: Readers) -> None:
    assert read(readers, GOOD, MARKDOWN)
    [worker] = readers._idle
    os.kill(worker._process.pid, signal.SIGKILL)
    worker._process.wait()
    assert read(readers, GOOD, MARKDOWN)


def test_reader_is_reused_and_has_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    with closing(Readers()) as readers:
        assert read(readers, GOOD, MARKDOWN)
        [first] = readers._idle
        assert read(readers, GOOD, MARKDOWN)
        assert readers._idle == [first]
        environment = Path(f"/proc/{first._process.pid}/environ")
        if environment.exists():
            assert b"secret" not in environment.read_bytes()


PARENT = """
import sys
from threading import Thread
from time import sleep
from domain.questions import Audience
from domain.tokens import Reach
from knowledge.readers.base import File
from knowledge.reading import Readers

readers = Readers()
readers.read(File(b"# A", "a.md"), "a", Reach(512))
pid = readers._idle[0]._process.pid
if sys.argv[1] == "busy":
    slow = sys.stdin.buffer.read()
    arguments = File(slow, "b.docx"), "b", Audience.of(), Reach(512)
    Thread(target=readers.read, args=arguments, daemon=True).start()
print(pid, flush=True)
sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("doing", ["idle", "busy"])
def test_readers_end_with_a_parent_that_was_killed(doing: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, doing],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(slow_file() if doing == "busy" else b"")
        parent.stdin.close()
        reader = int(parent.stdout.readline())
        time.sleep(0.3)
        parent.kill()
    wait_until(lambda: not is_running(reader))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # a zombie has ended; its parent has not reaped it


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)
