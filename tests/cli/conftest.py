"""New SQLite databases are copies of one that was migrated once: migrating takes half a second."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command

import migrations
from records.database import file_of


@pytest.fixture(autouse=True)
def new_databases_are_copies(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate = migrations.upgrade

    def upgrade(url: str) -> None:
        file = file_of(url)
        if file and file.parent.is_dir() and not file.exists():
            shutil.copyfile(template, file)
        else:
            migrate(url)

    monkeypatch.setattr(migrations, "upgrade", upgrade)


@pytest.fixture(scope="session", autouse=True)
def commands_are_built_once() -> Iterator[None]:
    """The runner builds all commands anew for each call, which takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("typer.testing._get_command", cache(get_command))
        yield
