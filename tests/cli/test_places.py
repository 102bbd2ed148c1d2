"""`phi3 search`, `ask` and `sources show` say where in its document a passage stands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.command import command
from cli.commands.every import app
from cli.indexes import Indexes
from domain.blocks import Where
from domain.documents import Chunk, Embedded, Source, SourceState
from domain.questions import Audience
from tests.cli.model_server import model_server
from tests.knowledge.doubles import WordEmbedder
from tests.records.makers import NOW

QUESTION = "Where does the saddle lie?"
TEXT = "The saddle lies in the shed."
PDF = "https://docs.example.com/stable.pdf"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PHI3_PASSAGES", "1")  # else a model says it, whose libraries load slowly
    monkeypatch.chdir(tmp_path)
    words = WordEmbedder()
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: words)
    with model_server() as double:
        double.reply = TEXT
        monkeypatch.setenv("PHI3_SERVER_URL", double.url)
        yield


def put(source: str, where: Where) -> None:
    chunk = Chunk("c1", source, "Stable › Tack", TEXT, Audience.everyone(), where)
    with command() as container:
        vectors = container.embedder.embed_passages([TEXT])
        container.index.replace(Embedded(source, [chunk], vectors))
        everyone, indexed = Audience.everyone(), SourceState.INDEXED
        row = Source(source, everyone, indexed, "U1", NOW, chunks=1, document=source)
        container.sources.save(row)


def phi3(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "where", "place", "link"),
    [
        (PDF, Where(page=3), "page 3", f"{PDF}#page=3"),
        (
            "https://wiki.example.com/a",
            Where(anchor="a b"),
            None,
            "https://wiki.example.com/a#a%20b",
        ),
        ("/docs/stable.pdf", Where(page=3), "page 3", None),
        ("/docs/stable.md", Where(anchor="tack"), None, None),
        ("slack-file:F1", Where(sheet="Tack room"), "sheet Tack room", None),
    ],
)
def test_place_is_shown_to_people_and_programs(
    source: str, where: Where, place: str | None, link: str | None
) -> None:
    put(source, where)
    titled = f"Stable › Tack, {place}" if place else "Stable › Tack"

    assert phi3("search", QUESTION).startswith(f"[1] {titled}  ({link or source})\n")
    assert f"\n[1] {titled}: “{TEXT}”\n" in phi3("ask", QUESTION)
    (passage,) = json.loads(phi3("search", QUESTION, "--json"))["passages"]
    (citation,) = json.loads(phi3("ask", QUESTION, "--json"))["citations"]
    for shown in (passage, citation):
        assert (shown["source"], shown["where"], shown["link"]) == (source, place, link)


def test_rows_of_a_batch_say_the_place(tmp_path: Path) -> None:
    put(PDF, Where(page=3))
    batch = tmp_path / "questions.jsonl"
    batch.write_text(json.dumps({"id": "q1", "question": QUESTION}) + "\n")

    (passage,) = json.loads(phi3("search", "--batch", str(batch)))["passages"]
    (citation,) = json.loads(phi3("ask", "--batch", str(batch)))["citations"]
    assert passage["where"] == citation["where"] == "page 3"


def test_pages_of_a_real_document_are_shown() -> None:
    manual = Path(__file__).parents[1] / "knowledge/files/crane-manual.pdf"
    phi3("ingest", str(manual))

    (source,) = json.loads(phi3("sources", "show", "--json"))["sources"]
    pages = {passage["where"] for passage in source["passages"]}
    assert "page 1" in pages
    printed = phi3("sources", "show")
    assert all(f", {page}\n" in printed for page in pages)
