"""`phi3 sources show`: the indexed passages, for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.commands.every import app
from cli.indexes import Indexes
from domain.errors import NotFound
from tests.knowledge.doubles import WordEmbedder


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    words = WordEmbedder()
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: words)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "lunch.md").write_text("# Lunch\n\nSoup is at noon.\n\n## Friday\n\nPike, \u202e1.\n")
    (docs / "empty.md").write_text("")
    phi3("ingest", docs, "--audience", "team:T1")
    return docs


def phi3(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def shown(*words: str | Path) -> list[dict[str, object]]:
    done = phi3("sources", "show", *words, "--json")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("\n") == 1
    rows = json.loads(done.stdout)["sources"]
    assert isinstance(rows, list)
    return rows


def test_every_source_is_shown_with_its_passages(docs: Path) -> None:
    empty, lunch = shown()
    passages = lunch.pop("passages")
    assert lunch == {
        "source": str(docs / "lunch.md"),
        "title": "Lunch",
        "state": "indexed",
        "audiences": ["team:T1"],
        "notes": [],
    }
    assert isinstance(passages, list)
    assert "Soup is at noon." in "".join(one["text"] for one in passages)
    assert all(set(one) == {"id", "title", "text", "where"} for one in passages)
    assert (empty["state"], empty["notes"], empty["passages"]) == ("failed", ["it is empty"], [])


def test_only_the_named_sources_are_shown(docs: Path) -> None:
    assert [row["title"] for row in shown(docs / "lunch.md")] == ["Lunch"]
    unknown = phi3("sources", "show", docs / "lunch.md", "/unknown", "--json")
    assert isinstance(unknown.exception, NotFound)
    assert unknown.stdout == ""


def test_removed_source_has_no_passages_and_no_readers(docs: Path) -> None:
    (removed,) = json.loads(phi3("sources", "remove", docs / "lunch.md", "--json").stdout)[
        "removed"
    ]
    assert (removed["uri"], removed["kind"]) == (str(docs / "lunch.md"), "source")
    assert removed["passages"] > 0
    (row,) = shown(docs / "lunch.md")
    assert (row["state"], row["audiences"], row["passages"]) == ("removed", [], [])


def test_people_read_the_passages_as_plain_text(docs: Path) -> None:
    printed = phi3("sources", "show").stdout
    assert f"{docs / 'lunch.md'}\nindexed, read by all members of workspace T1\n" in printed
    assert "Soup is at noon." in printed
    assert "it is empty" in printed
    assert "\u202e" not in printed
