from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.indexes import Indexes
from cli.settings import Settings
from cli.wiring import Container
from domain.collections import Collection
from domain.documents import IndexName
from domain.errors import IndexUnavailable
from domain.questions import Audience
from knowledge.index.lance import LanceIndex
from knowledge.ingest_run import IngestProgress
from records.live_index import LiveIndex
from tests.knowledge.doubles import DIMENSION, WordEmbedder


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    monkeypatch.setattr(Indexes, "_embedder", lambda _, model: WordEmbedder(model))
    with Container(Settings(home=tmp_path / "home")) as made:
        yield made


@pytest.fixture
def collection(container: Container, tmp_path: Path) -> Collection:
    docs = tmp_path / "docs"
    docs.mkdir()
    for n in range(3):
        (docs / f"{n}.md").write_text(f"# Note {n}\n\nSome words of note {n}.")
    new = Collection(str(docs), "folder", Audience.everyone(), "me", datetime.now(UTC))
    return container.collections.add(new)


@pytest.mark.slow
def test_reading_that_began_before_another_index_was_live_stops(
    container: Container, collection: Collection
) -> None:
    live = LiveIndex(container.database)

    def swapped(_: IngestProgress) -> None:
        live.use(IndexName("other", "passages_other"), datetime.now(UTC))

    with pytest.raises(IndexUnavailable, match="replaced"):
        container.collection_reader.read(collection, progress=swapped)
    report = container.collection_reader.read(collection)
    assert (report.failed, container.index.count()) == ((), 3)
    assert container.embedder.model == "other"


def test_forgetting_reaches_an_index_that_is_being_built(
    container: Container, collection: Collection
) -> None:
    container.collection_reader.read(collection)
    folder = container.settings.home / "index"
    LanceIndex(folder, "other", DIMENSION, "passages_other")
    assert len(list(folder.glob("*.lance"))) == 2
    container.indexes.drop_others()
    assert [file.stem for file in folder.glob("*.lance")] == ["passages"]
    assert container.index.count() == 3
