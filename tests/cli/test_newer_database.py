"""A database that a newer version made: each command says so in one line, and changes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from cli.commands.every import app
from domain.errors import DatabaseUnavailable

COMMANDS: Any = typer.main.get_command(app)

OTHERS = {"alive", "cluster serve-config", "manifest", "memory", "serve", "restore"}
"""They do not use the database; tests/cli/backup tries `restore`."""

ARGUMENTS = {
    "ask": ["Why?"],
    "backup": ["--to", "backups"],
    "compare": ["questions.jsonl"],
    "evaluate": ["questions.jsonl"],
    "forget answer": ["a1"],
    "forget correction": ["a1", "--by", "U1"],
    "forget person": ["U1"],
    "forget source": ["/docs/a.md"],
    "golden add": ["Why?", "--answer", "Because."],
    "golden remove": ["g1"],
    "ingest": ["document.md"],
    "jobs retry": ["1"],
    "promote": ["night-1"],
    "adapters promote": ["night-1"],
    "adapters show": ["night-1"],
    "rate": ["a1", "up"],
    "search": ["Why?"],
    "sources add": ["document.md"],
    "sources move": ["--to", "lancedb"],
    "sources remove": ["document.md"],
    "cluster ingest": ["document.md"],
}


def leaves(command: Any, *words: str) -> Iterator[tuple[str, ...]]:
    for name, each in getattr(command, "commands", {}).items():
        yield from leaves(each, *words, name)
    if not hasattr(command, "commands"):
        yield words


EVERY = sorted(" ".join(words) for words in leaves(COMMANDS))


@pytest.fixture
def newer(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of revision 9999."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    copyfile(template, home / "phi3.db")
    with closing(sqlite3.connect(home / "phi3.db")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    (tmp_path / "document.md").write_text("# A document\n\nWith a text.\n")
    (tmp_path / "questions.jsonl").write_text(
        '{"id": "1", "question": "Why?", "answer": "Because."}\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(home))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    return home / "phi3.db"


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as read:
        return [*read.iterdump()]


SLOW = {"cluster train", "doctor"}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(one, marks=pytest.mark.slow) if one in SLOW else one
        for one in EVERY
        if one not in OTHERS
    ],
)
def test_a_command_says_that_the_database_is_newer_and_changes_nothing(
    newer: Path, command: str
) -> None:
    before = dump(newer)
    done = CliRunner().invoke(app, [*command.split(), *ARGUMENTS.get(command, [])])
    if command == "doctor":
        said = done.output
        assert done.exit_code == 1
    else:
        assert isinstance(done.exception, DatabaseUnavailable), done.output
        said = str(done.exception)
        assert "\n" not in said
    assert "newer version of phi3" in said or "is this phi3 too old for it?" in said
    assert dump(newer) == before
