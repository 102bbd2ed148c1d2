"""The demo uses nothing of a real installation: not its `.env`, not its environment."""

from pathlib import Path

import pytest

from cli.environment import as_environment
from cli.settings import Settings
from examples.demo.settings import HOME, empty, settings

REAL = {
    "SLACK_BOT_TOKEN": "xoxb-real",
    "SLACK_APP_TOKEN": "xapp-real",
    "SLACK_SIGNING_SECRET": "real",
    "PHI3_REPORT_CHANNEL": "C9",
    "PHI3_DATABASE_URL": "postgresql://real/real",
    "PHI3_WEAVIATE_URL": "http://real:8080",
    "PHI3_SERVER_URL": "http://real:8000",
    "PHI3_EMBEDDINGS_URL": "http://real:8001",
    "PHI3_HOME": "/real",
    "PHI3_MIN_EXAMPLES": "7",
    "PHI3_NIGHT_AT": "23:00",
    "PHI3_SEVER_PORT": "1",
}


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.chdir(tmp_path)
    if where == "file":
        text = "".join(f"{name}={value}\n" for name, value in REAL.items())
        (tmp_path / ".env").write_text(f"{text}PHI3_MODEL=/real/model\n")
    else:
        for name, value in REAL.items():
            monkeypatch.setenv(name, value)


@pytest.mark.parametrize("where", ["file", "environment"])
@pytest.mark.usefixtures("real")
def test_it_ignores_all_settings() -> None:
    chosen = settings()
    set_here = {
        name
        for name, field in Settings.model_fields.items()
        if getattr(chosen, name) != field.default
    }
    assert set_here == {"home", "server_port"}
    assert chosen.home == HOME
    assert chosen.slack_mode == ""


@pytest.mark.parametrize("where", ["file", "environment"])
@pytest.mark.usefixtures("real")
def test_the_roles_that_it_starts_ignore_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings()
    environment = as_environment(chosen)
    for name in REAL:
        monkeypatch.delenv(name, raising=False)
    assert not {name for name, value in environment.items() if name in REAL and value == REAL[name]}
    assert "PHI3_SEVER_PORT" not in environment
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    started = Settings()
    assert started.model_dump() == chosen.model_dump()


def test_another_model_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_MODEL", "/models/phi3")
    assert settings().model == "/models/phi3"


def test_files_of_an_earlier_demo_are_deleted_except_models(tmp_path: Path) -> None:
    for name in ("models/SmolLM2", "adapters/night-1", "index"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "phi3.db").touch()
    empty(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
