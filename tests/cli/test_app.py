"""The command itself: a fast start, one line on failure, exit status 2 on wrong usage."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest
from typer.testing import CliRunner

from cli.commands.every import app
from records.tables import SCHEMA

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "transformers",
    "pydantic",
    "rich",
    "dotenv",
    "sqlalchemy",
    "lancedb",
    "slack_bolt",
    "openai",
)


def phi3(
    *words: str, home: Path, folder: Path | None = None, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """Runs a command in an empty working directory, or in ``folder``."""
    home.parent.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "cli.app", *words],
        capture_output=True,
        text=True,
        cwd=folder or home.parent,
        env={"PHI3_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)} | settings,
        timeout=240,
        check=False,
    )


def test_help_loads_nothing_heavy() -> None:
    probe = f"import sys, cli.commands.every; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "words",
    [
        ["ask"],
        ["ask", "  "],
        ["ask", "Q?", "--batch", "q.jsonl"],
        ["search", "-k", "0", "Q?"],
        ["rate", "a1", "sideways"],
    ],
)
def test_wrong_usage_leaves_no_trace(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert not (tmp_path / "home").exists()


def test_wrong_usage_exits_with_2(tmp_path: Path) -> None:
    done = phi3("dance", home=tmp_path / "home")
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "home").exists()


@pytest.mark.slow
def test_an_error_is_one_line_that_says_why(tmp_path: Path, template: Path) -> None:
    copyfile(template, tmp_path / "phi3.db")
    done = phi3("rate", "a0", "up", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("phi3: ")
    assert done.stderr.count("\n") == 1
    assert "a0" in done.stderr


@pytest.mark.slow
def test_a_new_home_gets_its_database_and_lists_nothing(tmp_path: Path) -> None:
    done = phi3("adapters", "list", "--json", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, '{"adapters": []}\n')
    assert (tmp_path / "phi3.db").exists()


@pytest.mark.slow
def test_dry_run_says_what_would_be_trained_on(tmp_path: Path) -> None:
    done = phi3("train", "--dry-run", "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "train": [],
        "held_back": [],
        "left_out": {},
        "shares": {},
        "causes": {"retrieval": 0, "document": 0, "model": 0},
        "retrieval_cases": [],
    }


@pytest.mark.slow
def test_files_of_a_command_are_readable_only_by_their_owner(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Lunch\n\nOn Fridays there is pike for lunch.\n")
    home = tmp_path / "home"
    assert phi3("ingest", str(tmp_path / "a.md"), home=home).returncode == 0
    paths = [home, *home.rglob("*")]
    assert len(paths) > 5
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


@pytest.mark.slow
def test_an_error_is_printed_once_and_without_control_characters(tmp_path: Path) -> None:
    done = phi3("rate", "a\x1b[2J", "up", home=tmp_path / "home", PHI3_PASSAGES="\x1b[2J")
    assert done.returncode == 1
    assert done.stderr.startswith("phi3: PHI3_PASSAGES: ")
    assert "\x1b" not in done.stderr


@pytest.mark.slow
def test_upgrade_says_which_version_the_database_has(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert json.loads(phi3("db", "upgrade", "--json", home=home).stdout) == {"version": SCHEMA}
    assert phi3("db", "upgrade", home=home).stdout == f"The database is at {SCHEMA}.\n"
