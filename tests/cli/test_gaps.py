"""`phi3 gaps` in the terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import migrations
from cli.commands.every import app
from records.database import Database, url_of
from tests.bot.gap_makers import asked, refuse

NOW = datetime.now(UTC)
SECRET = "What will the board say about the merger?"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    monkeypatch.setenv("PHI3_EMBEDDINGS_URL", "")
    migrations.upgrade(url_of(tmp_path / "phi3.db"))
    return Database(url_of(tmp_path / "phi3.db"))


def said(*options: str) -> str:
    done = CliRunner().invoke(app, ["gaps", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_gaps_are_listed_with_counts(database: Database) -> None:
    laptops = ("How do I get a new laptop?", "How can I get a new laptop?")
    refuse(
        database,
        *(asked(n, text, person=f"U{n}", at=NOW) for n, text in enumerate(laptops)),
        asked(8, "When is the canteen open?", at=NOW),
    )
    first, second = json.loads(said("--json"))["gaps"]
    assert first["name"] in laptops
    assert (first["questions"], first["people"], first["unanswered"]) == (2, 2, 2)
    assert second["name"] == "When is the canteen open?"
    assert "canteen" in said()
    assert len(json.loads(said("--json", "--limit", "1"))["gaps"]) == 1


def test_words_of_private_questions_are_counted_and_not_shown(database: Database) -> None:
    refuse(
        database,
        asked(1, SECRET, channel="CPRIVATE", at=NOW),
        asked(2, SECRET, person="U5", channel="D5", at=NOW),
    )
    (gap,) = json.loads(said("--json"))["gaps"]
    assert (gap["questions"], gap["hidden"], gap["name"], gap["asked"]) == (2, 2, None, [])
    assert "merger" not in said() + said("--json")


def test_without_questions_it_says_so(database: Database) -> None:
    assert "Nothing was left unanswered" in said()
