"""A setting can be read from a file, which a variable with `_FILE` behind its name names."""

from pathlib import Path

import pytest

from cli.checks import check_all
from cli.environment import as_environment, check_settings, read_settings, variable
from cli.setting_files import FILE
from cli.settings import Settings
from domain.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def in_a_file(monkeypatch: pytest.MonkeyPatch, name: str, value: str | bytes) -> Path:
    file = Path(f"{name.lower()}.txt").absolute()
    file.write_bytes(value if isinstance(value, bytes) else value.encode())
    monkeypatch.setenv(f"{name}{FILE}", str(file))
    return file


@pytest.mark.parametrize("end", ["", "\n", "\r\n", " \n\n"])
def test_a_newline_at_the_end_of_a_file_does_not_belong_to_the_secret(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_file(monkeypatch, "SLACK_BOT_TOKEN", f"xoxb-1{end}")
    assert read_settings().slack_bot_token.get_secret_value() == "xoxb-1"


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_may_be_in_a_file(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read_settings()
    in_a_file(monkeypatch, variable(field), as_environment(before)[variable(field)] or " ")
    read = check_settings()
    assert read.settings == before
    assert read.wrong.keys() <= {f"{variable(field)}{FILE}"}  # an empty file is wrong


def test_the_name_of_a_file_may_stand_in_dot_env(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    (tmp_path / ".env").write_text("PHI3_SERVER_KEY_FILE=key\n")
    assert read_settings().server_key.get_secret_value() == "from-file"


@pytest.mark.parametrize("given", ["from-environment", ""])
def test_the_environment_counts_before_a_file_that_dot_env_names(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PHI3_SERVER_KEY_FILE=missing\n")
    monkeypatch.setenv("PHI3_SERVER_KEY", given)
    assert read_settings().server_key.get_secret_value() == given


def test_a_file_that_the_environment_names_counts_before_dot_env(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PHI3_SERVER_KEY=old\n")
    in_a_file(monkeypatch, "PHI3_SERVER_KEY", "new")
    assert read_settings().server_key.get_secret_value() == "new"


def test_another_process_gets_what_the_files_said(monkeypatch: pytest.MonkeyPatch) -> None:
    in_a_file(monkeypatch, "PHI3_SERVER_KEY", "s3cret").rename("moved")
    monkeypatch.setenv("PHI3_SERVER_KEY_FILE", "moved")
    settings = read_settings()
    given = as_environment(settings)
    monkeypatch.delenv("PHI3_SERVER_KEY_FILE")
    assert not [name for name in given if name.startswith("PHI3_") and name.endswith(FILE)]
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no such file"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe s3cret", "not text"),
        (b"xoxb-s3cret" * 10_000, "too large"),
        (b"s3cret", "copy the bot token"),
        (b"xoxb-s3cret\nxoxb-s3cret", "copy the bot token"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_its_variable_and_shows_no_secret(
    content: bytes | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = in_a_file(monkeypatch, "SLACK_BOT_TOKEN", content or b"")
    if content is None:
        file.unlink()
    with pytest.raises(ConfigError) as caught:
        read_settings()
    message = str(caught.value)
    assert message.startswith("SLACK_BOT_TOKEN_FILE: ")
    assert says in message
    assert "s3cret" not in message
    assert "\n" not in message
    assert [*check_settings().wrong] == ["SLACK_BOT_TOKEN_FILE"]


def test_a_folder_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_SERVER_KEY_FILE", str(tmp_path))
    with pytest.raises(ConfigError, match="PHI3_SERVER_KEY_FILE: it is a folder"):
        read_settings()


def test_a_value_and_a_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    in_a_file(monkeypatch, "PHI3_SERVER_KEY", "one")
    monkeypatch.setenv("PHI3_SERVER_KEY", "two")
    with pytest.raises(ConfigError, match="PHI3_SERVER_KEY is set too"):
        read_settings()


def test_a_misspelt_name_with_a_file_is_named_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PHI3_SEVER_KEY_FILE", "/run/secrets/key")
    with pytest.raises(ConfigError, match=r"^PHI3_SEVER_KEY_FILE: .*PHI3_SERVER_KEY"):
        read_settings()


def test_doctor_names_the_missing_file_beside_the_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_DATABASE_URL_FILE", "/nowhere/url")
    database = next(each for each in check_all() if each.part == "database")
    assert not database.ok
    assert "PHI3_DATABASE_URL_FILE: there is no such file" in database.says
