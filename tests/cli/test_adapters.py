"""Promote, hold and roll back from the terminal."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.commands.every import app
from cli.settings import Settings
from cli.wiring import Container
from domain.adapters import TERMINAL, Adapter, AdapterState, ChangeKind
from domain.errors import PublishFailed, RecordsError
from serving.default_model import default_model
from serving.starter import starter_of
from training.publish import CONFIG, WEIGHTS, publish
from training.recipe import Recipe

NOW = datetime(2026, 11, 23, 2, 40, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    with Container(Settings(home=tmp_path / "home")) as container:
        for name in ("night-1", "night-2"):
            container.adapters.add(made(tmp_path / "home", name))
    return tmp_path / "home"


def made(home: Path, name: str) -> Adapter:
    def write(folder: Path) -> None:
        (folder / WEIGHTS).write_bytes(b"weights")
        (folder / CONFIG).write_text("{}")

    manifest = publish(home / "adapters", name, "tiny", Recipe(), [], write)
    folder = str(home / "adapters" / name)
    return Adapter(name, "tiny", folder, manifest.sha256, AdapterState.TRAINED, "run", NOW)


def phi3(*words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def changes(home: Path) -> list[tuple[ChangeKind, str | None, str]]:
    with Container(Settings(home=home)) as container:
        found = container.adapter_changes.latest(9)
    return [(one.kind, one.adapter, one.by) for one in found]


@pytest.mark.parametrize("group", [[], ["adapters"]])
def test_adapter_is_promoted_and_rolled_back(home: Path, group: list[str]) -> None:
    assert phi3(*group, "promote", "night-1") == {"live": "night-1"}
    assert phi3(*group, "promote", "night-2") == {"live": "night-2"}
    assert phi3(*group, "rollback") == {"live": "night-1"}
    starter = starter_of(default_model())
    assert starter is not None
    assert phi3(*group, "rollback") == {"live": starter.name}
    assert changes(home) == [
        (ChangeKind.ROLLBACK, None, TERMINAL),
        (ChangeKind.ROLLBACK, "night-1", TERMINAL),
        (ChangeKind.PROMOTE, "night-2", TERMINAL),
        (ChangeKind.PROMOTE, "night-1", TERMINAL),
    ]


def test_nights_are_put_on_hold_until_that_is_lifted(home: Path) -> None:
    held = phi3("hold")
    assert held["on_hold"] is True
    with pytest.raises(RecordsError, match="on hold already"):
        phi3("hold")
    assert phi3("hold", "--lift")["on_hold"] is False
    assert [kind for kind, _, _ in changes(home)] == [ChangeKind.LIFT, ChangeKind.HOLD]


def test_adapter_with_changed_weights_does_not_become_live(home: Path) -> None:
    phi3("promote", "night-1")
    phi3("promote", "night-2")
    (home / "adapters" / "night-1" / WEIGHTS).write_bytes(b"others")
    for words in (["promote", "night-1"], ["rollback"]):
        with pytest.raises(PublishFailed, match="not those that were published"):
            phi3(*words)
    with Container(Settings(home=home)) as container:
        assert container.adapters.live_name() == "night-2"


def test_adapter_that_the_server_cannot_load_does_not_become_live(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_SERVER_URL", "http://127.0.0.1:9/v1")
    done = CliRunner().invoke(app, ["promote", "night-1"])
    assert done.exit_code == 1
    with Container(Settings(home=home)) as container:
        assert container.adapters.live() is None


def test_adapter_is_rolled_back_also_while_the_server_is_down(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phi3("promote", "night-1")
    phi3("promote", "night-2")
    monkeypatch.setenv("PHI3_SERVER_URL", "http://127.0.0.1:9/v1")
    assert phi3("rollback") == {"live": "night-1"}


@pytest.mark.parametrize(("model", "live"), [("other", None), ("tiny", "night-1")])
def test_rollback_passes_over_adapters_of_another_base_model(
    home: Path, monkeypatch: pytest.MonkeyPatch, model: str, live: str | None
) -> None:
    with Container(Settings(home=home)) as container:
        container.adapters.add(replace(made(home, "night-3"), base_model="other"))
    phi3("promote", "night-1")
    monkeypatch.setenv("PHI3_MODEL", "other")
    phi3("promote", "night-3")
    monkeypatch.setenv("PHI3_MODEL", model)
    assert phi3("rollback") == {"live": live}
