"""`phi3 nights` in the terminal."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import migrations
from cli.commands.every import app
from domain.adapters import Outcome
from records.database import Database, url_of
from records.runs import Runs
from tests.training.night_data import night_data
from training.report import files

NOW = datetime(2026, 3, 29, 2, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    migrations.upgrade(url_of(tmp_path / "phi3.db"))
    return tmp_path


def said(*options: str) -> str:
    done = CliRunner().invoke(app, ["nights", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_nights_are_listed_with_the_page_to_open(home: Path) -> None:
    assert "No night has run yet." in said()
    folder = home / "nights" / "night-1"
    files.write(folder, night_data())
    with closing(Database(url_of(home / "phi3.db"))) as db:
        run = Runs(db).begin("night-1", NOW)
        ended = replace(run, outcome=Outcome.SKIPPED, finished_at=NOW, reason="6 to train on")
        Runs(db).finish(replace(ended, report=str(folder)))
    shown = said()
    assert "skipped" in shown
    assert str(folder / "report.html") in shown
    (row,) = json.loads(said("--json"))["nights"]
    assert (row["run"], row["reason"]) == ("night-1", "6 to train on")
    assert row["page"] == str(folder / "report.html")
