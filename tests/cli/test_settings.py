"""Settings: read in one place, and a wrong one is named."""

from pathlib import Path

import pytest

from cli.settings import read_settings
from domain.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_lives_under_one_home() -> None:
    settings = read_settings()
    assert settings.home == Path.home() / ".phi3"
    assert settings.database == f"sqlite:///{settings.home}/phi3.db"
    assert settings.slack_mode == ""


def test_a_relative_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PHI3_HOME", "state")
    assert read_settings().home == tmp_path / "state"


def test_a_dot_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PHI3_PASSAGES=7\nSLACK_BOT_TOKEN=xoxb-1\nOTHER=1\n")
    settings = read_settings()
    assert settings.passages == 7
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PHI3_PASSAGES", "many"),
        ("PHI3_NIGHT_AT", "25:99"),
        ("PHI3_TIME_ZONE", "Mars/Olympus"),
        ("PHI3_MAX_TOKENS", "0"),
    ],
)
def test_a_wrong_setting_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=variable):
        read_settings()


def test_secrets_do_not_show_in_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-very-secret")
    assert "very-secret" not in repr(read_settings())


@pytest.mark.parametrize(
    ("names", "mode"),
    [
        (["SLACK_BOT_TOKEN"], ""),
        (["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"], "http"),
        (["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"], "socket"),
        (["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"], "socket"),
        (["SLACK_APP_TOKEN"], ""),
    ],
)
def test_tokens_choose_the_mode(
    names: list[str], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names:
        monkeypatch.setenv(name, "x")
    assert read_settings().slack_mode == mode


def test_people_who_may_ingest_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_INGEST_ALLOWED", "U1, U2,U3")
    assert read_settings().ingest_allowed == {"U1", "U2", "U3"}
