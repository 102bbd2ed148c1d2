from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from cli.indexes import Indexes
from tests.cli.backup.deployment import Deployment, fill
from tests.knowledge.doubles import WordEmbedder
from tests.records.databases import postgres_schema


@pytest.fixture(autouse=True)
def embedder(monkeypatch: pytest.MonkeyPatch) -> WordEmbedder:
    words = WordEmbedder()
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: words)
    return words


@pytest.fixture
def sqlite_lancedb(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path / "one")


@pytest.fixture
def postgres_lancedb(tmp_path: Path, postgres_url: str) -> Iterator[Deployment]:
    with postgres_schema(postgres_url) as url:
        yield Deployment(tmp_path / "two", {"PHI3_DATABASE_URL": url})


@pytest.fixture
def sqlite_weaviate(tmp_path: Path, weaviate_address: tuple[str, int]) -> Deployment:
    return Deployment(tmp_path / "three", weaviate(weaviate_address))


@pytest.fixture
def postgres_weaviate(
    tmp_path: Path, postgres_url: str, weaviate_address: tuple[str, int]
) -> Iterator[Deployment]:
    with postgres_schema(postgres_url) as url:
        yield Deployment(
            tmp_path / "four", {"PHI3_DATABASE_URL": url, **weaviate(weaviate_address)}
        )


def weaviate(address: tuple[str, int]) -> dict[str, str]:
    url, port = address
    return {
        "PHI3_WEAVIATE_URL": url,
        "PHI3_WEAVIATE_GRPC_PORT": str(port),
        "PHI3_WEAVIATE_COLLECTION": f"Test{uuid4().hex}",
    }


@pytest.fixture
def filled(sqlite_lancedb: Deployment, tmp_path: Path) -> Deployment:
    """The simplest one, with everything in it."""
    fill(sqlite_lancedb, tmp_path / "docs")
    return sqlite_lancedb


@pytest.fixture
def empty(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path / "other")
