"""Settings: read in one place, each checked when it is read, and a wrong one is named."""

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.environment import as_environment, check_settings, read_settings, variable
from cli.settings import Settings
from domain.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_is_in_one_home() -> None:
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


def test_an_empty_value_is_the_default_also_over_one_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PHI3_PASSAGES=7\nPHI3_HOME=state\nSLACK_BOT_TOKEN=xoxb-1\n")
    for name in ("PHI3_PASSAGES", "PHI3_HOME", "PHI3_NIGHT_AT", "SLACK_BOT_TOKEN"):
        monkeypatch.setenv(name, " ")
    settings = read_settings()
    assert settings.passages is None
    assert settings.home == Path.home() / ".phi3"
    assert settings.slack_mode == ""


WRONG = [
    ("PHI3_PASSAGES", "many"),
    ("PHI3_MAX_TOKENS", "0"),
    ("PHI3_ANSWER_TIMEOUT", "inf"),
    ("PHI3_ANSWER_TIMEOUT", "nan"),
    *((f"PHI3_{name}_PORT", port) for name in ("SERVER", "SLACK_HTTP", "WEAVIATE_GRPC")
      for port in ("0", "99999", "-1", "http")),
    *(("PHI3_NIGHT_AT", at) for at in ("25:99", "02:00Z", "02:00+01:00", "02:00:30", "2", "7200")),
    *(("PHI3_TIME_ZONE", zone) for zone in ("Mars/Olympus", "Europe", "../UTC", "/etc/passwd")),
    *((f"PHI3_{name}_URL", url)
      for name in ("SERVER", "EMBEDDINGS", "RERANKER", "WEAVIATE", "SLACK_API")
      for url in ("http://[bad", "weaviate.local", "host:8080", "ftp://host", "http://", "http://h:x",
                  "http://h:99999", "http://h:0", "http://a b", "http:///v1", "http://-h")),
    ("PHI3_WEAVIATE_URL", "http://user:s3cret@host"),
    ("PHI3_WEAVIATE_URL", "http://host/path"),
    *(("PHI3_WEAVIATE_COLLECTION", name)
      for name in ("passages", "Two words", "Team_A", "Ä", "A" * 101)),
    *((f"PHI3_WEAVIATE_{name}", "0") for name in ("REPLICAS", "SHARDS")),
    *(("PHI3_DATABASE_URL", url) for url in (
        "postgresql://user:s3cret@host:54x/db", "postgresql://user:s3cret@host:99999/db",
        "mysql://user:s3cret@host/db", "phi3.db", "sqlite://")),
    ("PHI3_HOME", "/dev/null"),
    ("PHI3_HOME", "~nobody-of-that-name/x"),
    ("PHI3_HOME", f"/{'a' * 300}"),
    ("PHI3_FORGOTTEN", f"/{'a' * 300}"),
    ("PHI3_FORGOTTEN", f"/{'a' * 300}/list"),
    *((f"PHI3_KEEP_{what}_DAYS", "999999") for what in ("QUESTIONS", "JOBS", "LOGS", "AUDIT")),
    *((f"PHI3_{who}_ALLOWED", ",") for who in ("PEOPLE", "CHANNELS", "WORKSPACES", "INGEST")),
    ("PHI3_FORGOTTEN", "/dev"),
    ("PHI3_FORGOTTEN", "/dev/null/list"),
    ("PHI3_MODEL", "http://hub/model"),
    ("PHI3_MODEL", "two words"),
    ("PHI3_EMBEDDER", "two words"),
    ("PHI3_RERANKER", "http://gpu:8001/v1"),
    ("PHI3_SERVER_KEY", "schlüssel-s3cret"),
    ("PHI3_SERVER_KEY", "two words-s3cret"),
    ("SLACK_BOT_TOKEN", "xapp-s3cret"),
    ("SLACK_BOT_TOKEN", "s3cret"),
    ("SLACK_APP_TOKEN", "xoxb-s3cret"),
    ("SLACK_SIGNING_SECRET", "s3cret s3cret"),
    ("PHI3_SLACK_HTTP_HOST", "http://0.0.0.0"),
    ("PHI3_SERVER_HOST", "http://0.0.0.0"),
    ("PHI3_INGEST_ALLOWED", "U1,anna@example.com"),
    ("PHI3_ADMINS", "*"),
    ("PHI3_ADMINS", "U1,anna@example.com"),
    *((f"PHI3_PEOPLE_{name}", "anna@example.com") for name in ("ALLOWED", "DENIED")),
    *((f"PHI3_CHANNELS_{name}", "#general") for name in ("ALLOWED", "DENIED")),
    *((f"PHI3_QUOTA_{of}", "0")
      for of in ("PERSON_HOUR", "PERSON_DAY", "CHANNEL_HOUR", "CHANNEL_DAY")),
    ("SLACK_CLIENT_ID", "s3cret"),
    ("SLACK_CLIENT_SECRET", "s3cret s3cret"),
    *(("PHI3_TOKEN_KEY", key) for key in ("s3cret", f"{'k' * 43}=,s3cret", "k" * 44)),
    ("PHI3_WORKSPACES_ALLOWED", "acme"),
    ("PHI3_INGEST_PRIVATE_HOSTS", "https://wiki.internal"),
    ("PHI3_INGEST_PRIVATE_HOSTS", "wiki:8080"),
    ("PHI3_REPORT_CHANNEL", "general chat"),
    *(("PHI3_DIGEST_AT", at) for at in ("09:00", "Mon", "Someday 09:00", "Mon 25:00")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "in_file"),
    [
        *((*each, False) for each in WRONG),
        (*WRONG[0], True),
        *(pytest.param(*each, True, marks=pytest.mark.slow) for each in WRONG[1:]),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write_and_never_repeated(
    name: str, value: str, in_file: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if in_file:
        (tmp_path / ".env").write_text(f"{name}='{value}'\n")
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        read_settings()
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert len(message) > len(name) + 10
    assert "s3cret" not in message
    assert "\n" not in message
    assert [*check_settings().wrong] == [name]


RIGHT = [
    ("PHI3_SERVER_URL", "http://user:password@gpu:8000/v1"),
    ("PHI3_SERVER_URL", "http://[::1]:8000"),
    ("PHI3_SERVER_URL", "https://gpu_1.internal/v1/"),
    ("PHI3_WEAVIATE_URL", "http://127.0.0.1:8080/"),
    ("PHI3_WEAVIATE_COLLECTION", "TeamA"),
    ("PHI3_DATABASE_URL", "postgresql://user:p%40ss@host:5432/db"),
    ("PHI3_DATABASE_URL", "postgresql:///phi3?host=/var/run/postgresql"),
    ("PHI3_DATABASE_URL", "sqlite:////tmp/phi3.db"),
    ("PHI3_NIGHT_AT", "23:59"),
    ("PHI3_DIGEST_AT", "Friday 16:30"),
    ("PHI3_MODEL", "./a model"),
    ("PHI3_EMBEDDER", "nomic-embed-text:latest"),
    ("PHI3_INGEST_ALLOWED", "*"),
    ("PHI3_ADMINS", "U012ABC, W034DEF"),
    ("PHI3_PEOPLE_DENIED", "U012ABC, W034DEF"),
    ("PHI3_CHANNELS_ALLOWED", "C012ABC G034DEF"),
    ("PHI3_QUOTA_PERSON_DAY", "50"),
    ("SLACK_CLIENT_ID", "123456.7890"),
    ("PHI3_TOKEN_KEY", f"{'k' * 43}="),
    ("PHI3_TOKEN_KEY", f"{'+' * 43}=, {'/' * 43}="),
    ("PHI3_WORKSPACES_ALLOWED", "T012ABC, T034DEF"),
    ("PHI3_INGEST_PRIVATE_HOSTS", "wiki.internal, 10.0.0.7 ::1"),
    ("PHI3_REPORT_CHANNEL", "#expert"),
    ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc"),
    ("phi3_passages", "3"),
    ("PHI3_TEST_ANYTHING", "x"),
]


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_right_value_is_accepted(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    read_settings()


@pytest.mark.parametrize("in_file", [False, True])
def test_a_misspelt_setting_is_named_with_the_nearest(
    in_file: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if in_file:
        (tmp_path / ".env").write_text("export PHI3_SEVER_URL=http://gpu:8000\n")
    else:
        monkeypatch.setenv("PHI3_SEVER_URL", "http://gpu:8000")
    with pytest.raises(ConfigError, match=r"^PHI3_SEVER_URL: .*PHI3_SERVER_URL"):
        read_settings()


def test_a_file_that_is_not_text_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PHI3_HOME=\xff\xfe")
    with pytest.raises(ConfigError, match=r"\.env"):
        read_settings()


def test_all_wrong_settings_are_named_at_once_and_the_rest_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {"PHI3_PASSAGES": "x", "SLACK_BOT_TOKEN": "x", "PHI3_NIGHT": "1"}
    for name, value in {**wrong, "PHI3_MAX_TOKENS": "7"}.items():
        monkeypatch.setenv(name, value)
    read = check_settings()
    assert set(read.wrong) == set(wrong)
    assert (read.settings.passages, read.settings.max_tokens) == (None, 7)
    assert read.settings.slack_mode == ""


SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-s3cret",
    "SLACK_APP_TOKEN": "xapp-s3cret",
    "SLACK_SIGNING_SECRET": "s3cret",
    "PHI3_SERVER_KEY": "s3cret",
    "PHI3_EMBEDDINGS_KEY": "s3cret",
    "PHI3_WEAVIATE_KEY": "s3cret",
    "PHI3_DATABASE_URL": "postgresql://user:s3cret@host/db?password=s3cret",
    "PHI3_SERVER_URL": "http://user:s3cret@gpu:8000/v1",
    "PHI3_EMBEDDINGS_URL": "http://s3cret@gpu:8000/v1",
    "PHI3_SLACK_API_URL": "http://user:s3cret@slack/api/",
}


def test_secrets_are_not_shown_by_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    for shown in (repr(settings), str(settings), f"{settings.model_dump()}"):
        assert "s3cret" not in shown
    assert settings.server_url == SECRETS["PHI3_SERVER_URL"]


def test_another_process_reads_the_same_settings_with_another_dot_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = SECRETS | {
        "PHI3_PASSAGES": "3",
        "PHI3_NIGHT_AT": "23:45",
        "PHI3_DIGEST_AT": "sun 18:00",
        "PHI3_INGEST_ALLOWED": "U1,U2",
        "PHI3_HOME": "state",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    environment = as_environment(settings)
    assert environment["PATH"] == os.environ["PATH"]
    for name in given:
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_text(
        "PHI3_MIN_EXAMPLES=99\nPHI3_PASSAGES=9\nPHI3_REPORT_CHANNEL=C1\n"
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


def test_every_variable_sets_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, SecretStr):
            written = {
                "slack_bot_token": "xoxb-1",
                "slack_app_token": "xapp-1",
                "token_key": f"{'k' * 43}=",
            }
            secret = written.get(name, "x")
            monkeypatch.setenv(variable(name), secret)
            assert getattr(read_settings(), name).get_secret_value() == secret


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
        monkeypatch.setenv(name, SECRETS[name])
    assert read_settings().slack_mode == mode


MANY = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "x",
    "PHI3_TOKEN_KEY": f"{'k' * 43}=",
    "SLACK_SIGNING_SECRET": "x",
}


def test_app_for_several_workspaces_needs_no_bot_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MANY.items():
        monkeypatch.setenv(name, value)
    assert read_settings().has_workspaces
    assert read_settings().slack_mode == "http"
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert read_settings().slack_mode == "socket"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"SLACK_CLIENT_SECRET": ""}, "Set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET"),
        ({"SLACK_CLIENT_ID": ""}, "Set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "unset one or the other"),
        ({"PHI3_TOKEN_KEY": ""}, "PHI3_TOKEN_KEY is not set"),
    ],
)
def test_what_several_workspaces_lack_is_one_clear_line(
    changed: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (MANY | changed).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says):
        _ = read_settings().slack_mode


def test_people_who_may_ingest_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_INGEST_ALLOWED", "U1, U2,U3")
    assert read_settings().ingest_allowed == {"U1", "U2", "U3"}


def test_home_that_cannot_be_used_by_default_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".phi3").write_text("a file")
    monkeypatch.delenv("PHI3_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"^PHI3_HOME: .*it is a file"):
        check_settings()


def test_empty_number_of_days_means_forever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PHI3_KEEP_QUESTIONS_DAYS=\nPHI3_KEEP_LOGS_DAYS=3\n")
    settings = read_settings()
    assert settings.keep_questions_days is None
    assert settings.keep_logs_days == 3
    assert settings.keep_jobs_days == 30
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


def test_nothing_else_reads_the_environment() -> None:
    root = Path(__file__).parents[2]
    packages = [each for each in root.iterdir() if (each / "__init__.py").exists()]
    files = [
        file.relative_to(root)
        for package in packages
        if package.name not in ("cli", "tests", "tools")
        for file in package.rglob("*.py")
        if re.search(r"os\.environ|getenv", file.read_text(encoding="utf-8"))
    ]
    assert files == []


@pytest.mark.parametrize(("said", "quantised"), [("", None), ("lora", False), ("qlora", True)])
def test_training_says_whether_the_base_is_quantised(
    monkeypatch: pytest.MonkeyPatch, said: str, quantised: bool | None
) -> None:
    monkeypatch.setenv("PHI3_TRAINING", said)
    assert read_settings().is_quantised is quantised
