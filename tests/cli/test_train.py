"""`phi3 train` where there is little or nothing to train on."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import processes
from cli.commands.every import app
from cli.settings import Settings
from cli.wiring import Container
from domain.questions import RatedAnswer
from tests.ports import free_port
from tests.training.makers import down, place_of, rated, up
from tests.training.nights import keep

MARK = "import os; open(os.environ['PHI3_HOME'] + '/started', 'w').close()"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a model's folder; a server that is started leaves a mark, and ends."""
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PHI3_MODEL", str(model))
    monkeypatch.setenv("PHI3_SERVER_PORT", str(free_port()))
    monkeypatch.setattr(processes, "PROGRAM", [sys.executable, "-c", MARK])
    return tmp_path / "home"


def rate(home: Path, rows: list[RatedAnswer]) -> None:
    home.mkdir(exist_ok=True)
    with Container(Settings(home=home)) as container:
        keep(container.database, rows)


def train(*words: str) -> Any:
    done = CliRunner().invoke(app, ["train", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


ONE_RATER = [rated(n, up("me")) for n in range(20)]
ONLY_BAD = [rated(n, down("a"), down("b")) for n in range(60)]
THREE_APART = [rated(n, up(f"U{n % 3}")) for n in range(300)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "0 to train on, 40 are needed."),
        (ONE_RATER, "to train on, 40 are needed."),
        (ONLY_BAD, "0 to train on, 40 are needed (left out: 60 rated bad as often as good"),
    ],
)
def test_no_server_is_started_where_there_is_too_little_to_train_on(
    home: Path, rows: list[RatedAnswer], reason: str
) -> None:
    rate(home, rows)
    said = train()
    assert said["outcome"] == "skipped"
    assert reason in said["reason"]
    assert not (home / "started").exists()


@pytest.mark.slow
def test_dry_run_shows_shares_of_all_rows_and_why_others_wait(home: Path) -> None:
    rows = [rated(n, up(f"U{n % 11}")) for n in range(100)]
    rows += [rated(n, down("loud", place_of(n))) for n in range(100, 160)]
    rate(home, [*rows, rated(200, up("U1"), down("loud", f"You find it in the {place_of(200)}."))])
    found = train("--dry-run")
    whole = len(found["train"])
    for person, share in found["shares"].items():
        assert share <= 0.2
        assert share == sum(row["by"] == [person] for row in found["train"]) / whole
    assert found["left_out"]["beyond one person's share"]
    assert (
        len(
            found["left_out"][
                "corrected against what others say: a second person must write the same"
            ]
        )
        == 1
    )
    assert {row["origin"] for row in found["train"]} == {"thumb_up", "quote", "starter"}
    assert not (home / "started").exists()


@pytest.mark.slow
def test_dry_run_counts_the_preferences_if_they_are_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [rated(n, up(f"U{n % 11}")) for n in range(40)]
    rate(home, [*rows, *(rated(n, down(f"U{n % 11}", place_of(n))) for n in range(40, 80))])
    assert "preferences" not in train("--dry-run")
    monkeypatch.setenv("PHI3_PREFERENCES", "kto")
    found = train("--dry-run")
    of = {"good": "thumb_up", "bad": "quote"}
    counts = {
        side: sum(row["origin"] == origin for row in found["train"]) for side, origin in of.items()
    }
    assert found["preferences"] == {"method": "kto", **counts}
    assert min(counts.values()) > 10
    said = CliRunner().invoke(app, ["train", "--dry-run"]).stdout
    assert f"KTO: {counts['good']} liked and {counts['bad']} corrected answers" in said
    assert "it needs 50 of each, so it is skipped" in " ".join(said.split())


@pytest.mark.slow
def test_three_people_who_rate_apart_still_learn_a_little(home: Path) -> None:
    rate(home, THREE_APART)
    found = train("--dry-run")
    assert sum(row["origin"] != "starter" for row in found["train"]) > 20
    assert max(found["shares"].values()) <= 0.2
