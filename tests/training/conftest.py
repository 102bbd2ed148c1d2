"""The tiny Phi-3 that the tests of the training share, and the databases of tests/records."""

from pathlib import Path

import pytest

from tests.models import smollm2_home
from tests.records.conftest import db, postgres, postgres_tables, sqlite, template, url

__all__ = ["db", "postgres", "postgres_tables", "smollm2_home", "sqlite", "template", "url"]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny_phi3 import build_tiny_phi3

    return build_tiny_phi3(tmp_path_factory.mktemp("models") / "tiny-phi3")
