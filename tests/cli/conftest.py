"""New SQLite databases are copies of one that was migrated once: migrating takes half a second."""

import shutil
from pathlib import Path

import pytest

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
