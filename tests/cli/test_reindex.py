import json
from pathlib import Path

import pytest

from cli import indexes
from cli.command import command
from cli.commands.ingest import ingest
from cli.commands.questions import search
from cli.commands.sources import refresh, reindex
from knowledge.embedders.places import packaged

pytestmark = pytest.mark.slow


@pytest.fixture
def other_model(tmp_path: Path) -> Path:
    """The same weights under another name: their index is another one."""
    model = packaged()
    assert model
    folder = tmp_path / "other-model"
    folder.symlink_to(model)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    # Nobody else uses the index.
    monkeypatch.setattr(indexes, "_NOTICE", 0)


def found(capfd: pytest.CaptureFixture[str]) -> list[str]:
    capfd.readouterr()
    search("How long is the warranty?", as_json=True)
    return [one["text"] for one in json.loads(capfd.readouterr().out)["passages"]]


def test_another_embedding_model_is_built_beside_and_then_answers(
    tmp_path: Path,
    other_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "warranty.md").write_text("# Warranty\n\nThe frame has a warranty of ten years.")
    ingest([str(docs)])
    before = found(capfd)
    assert "ten years" in before[0]

    monkeypatch.setenv("PHI3_EMBEDDER", str(other_model))
    assert found(capfd) == before  # the old index answers until the new one is built
    reindex(as_json=True)
    told = json.loads(capfd.readouterr().out)
    assert told == {"model": str(other_model), "passages": 1, "rebuilt": True}
    assert found(capfd) == before

    (docs / "leave.md").write_text("# Leave\n\nThere are 30 days of leave.")
    refresh(as_json=True)
    report = json.loads(capfd.readouterr().out)
    assert (report["added"], report["failed"]) == (1, [])
    with command() as container:
        assert container.embedder.model == str(other_model)
        assert container.index.count() == 2
    reindex(as_json=True)
    assert json.loads(capfd.readouterr().out)["rebuilt"] is False
