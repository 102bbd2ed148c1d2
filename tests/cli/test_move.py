import json
import os
from pathlib import Path
from uuid import uuid4

import pytest

from cli import indexes
from cli.checks import check_all
from cli.command import command
from cli.commands.ingest import ingest
from cli.commands.questions import search
from cli.commands.sources import move, refresh
from cli.indexes import Indexes
from domain.documents import IndexPlace
from domain.errors import ConfigError, IndexUnavailable
from tests.knowledge.doubles import WordEmbedder

embedder = WordEmbedder()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(indexes, "_NOTICE", 0)  # nobody else uses the index
    monkeypatch.setattr(Indexes, "_embedder", lambda *_: embedder)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "warranty.md").write_text("# Warranty\n\nThe frame has a warranty of ten years.")
    (docs / "leave.md").write_text("# Leave\n\nThere are 30 days of leave.")
    return docs


@pytest.fixture
def weaviate(weaviate_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    url, port = weaviate_address
    monkeypatch.setenv("PHI3_WEAVIATE_COLLECTION", f"Test{uuid4().hex}")
    monkeypatch.setenv("PHI3_WEAVIATE_URL", url)
    monkeypatch.setenv("PHI3_WEAVIATE_GRPC_PORT", str(port))


def found(capfd: pytest.CaptureFixture[str]) -> list[str]:
    capfd.readouterr()
    search("How long is the warranty?", as_json=True)
    return [one["text"] for one in json.loads(capfd.readouterr().out)["passages"]]


def moved(capfd: pytest.CaptureFixture[str], to: IndexPlace) -> dict[str, object]:
    capfd.readouterr()
    move(to, as_json=True)
    told = json.loads(capfd.readouterr().out)
    assert isinstance(told, dict)
    return told


@pytest.mark.slow
@pytest.mark.weaviate
@pytest.mark.usefixtures("weaviate")
def test_index_is_moved_to_weaviate_and_back_without_embedding(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "PHI3_WEAVIATE_URL", os.environ["PHI3_WEAVIATE_URL"]
    monkeypatch.delenv(address[0])
    ingest([str(home)])
    before, made = found(capfd), embedder.embedded

    monkeypatch.setenv(*address)
    assert found(capfd) == before  # LanceDB answers until the index is moved
    assert moved(capfd, IndexPlace.WEAVIATE) == {"index": "weaviate", "passages": 2, "moved": True}
    assert moved(capfd, IndexPlace.WEAVIATE)["moved"] is False
    assert found(capfd) == before
    assert not list((home.parent / "home" / "index").glob("*.lance"))

    (home / "leave.md").write_text("# Leave\n\nThere are 31 days of leave.")
    refresh(as_json=True)
    made += 1
    assert moved(capfd, IndexPlace.LANCEDB) == {"index": "lancedb", "passages": 2, "moved": True}
    monkeypatch.delenv(address[0])
    assert found(capfd)[0] == before[0]
    with command() as container:
        assert container.indexes.place is IndexPlace.LANCEDB
    assert any("31 days" in text for text in found(capfd))
    assert embedder.embedded == made


@pytest.mark.slow
@pytest.mark.weaviate
@pytest.mark.usefixtures("weaviate")
def test_move_that_was_stopped_goes_on_and_the_old_index_answers_meanwhile(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from knowledge.index import reindex
    from knowledge.index.lance import LanceIndex

    monkeypatch.setattr(reindex, "_BATCH", 1)
    ingest([str(home)])
    before = found(capfd)
    replace = LanceIndex.replace

    def stopped(index: LanceIndex, *documents: object) -> None:
        raise IndexUnavailable("stopped")

    monkeypatch.setattr(LanceIndex, "replace", stopped)
    with pytest.raises(IndexUnavailable, match="stopped"):
        move(IndexPlace.LANCEDB)
    assert found(capfd) == before
    monkeypatch.setattr(LanceIndex, "replace", replace)
    assert moved(capfd, IndexPlace.LANCEDB)["passages"] == 2
    assert found(capfd) == before


def test_index_on_weaviate_without_its_address_says_what_to_set(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ingest([str(home)])
    with pytest.raises(ConfigError, match="set PHI3_WEAVIATE_URL"):
        move(IndexPlace.WEAVIATE)
    assert found(capfd)


@pytest.mark.slow
@pytest.mark.weaviate
@pytest.mark.usefixtures("weaviate")
def test_doctor_says_that_a_collection_has_other_settings_and_moving_makes_a_new_one(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([str(home)])
    monkeypatch.setenv("PHI3_WEAVIATE_SHARDS", "2")
    with command() as container:
        assert container.indexes.differs == "shards: 1 instead of 2"
    told = next(one for one in check_all() if one.part == "index")
    assert told.ok
    assert told.says == (
        "2 passages of 2 documents; the collection has other settings (shards: 1 instead of 2): "
        "`phi3 sources move --to lancedb`, and then `--to weaviate`, makes a new one"
    )
    moved(capfd, IndexPlace.LANCEDB)
    moved(capfd, IndexPlace.WEAVIATE)
    with command() as container:
        assert container.indexes.differs == ""
        assert container.index.count() == 2


@pytest.mark.slow
@pytest.mark.weaviate
@pytest.mark.usefixtures("weaviate")
def test_two_deployments_on_one_server_keep_their_collections(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([str(home)])
    monkeypatch.setenv("PHI3_HOME", str(home.parent / "other"))
    monkeypatch.setenv("PHI3_WEAVIATE_COLLECTION", f"{os.environ['PHI3_WEAVIATE_COLLECTION']}Two")
    ingest([str(home / "leave.md")])
    with command() as container:
        container.indexes.drop_others()
        assert container.index.count() == 1
    monkeypatch.setenv("PHI3_HOME", str(home.parent / "home"))
    with command() as container:
        container.indexes.drop_others()
        assert container.index.count() == 2
