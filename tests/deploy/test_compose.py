"""compose.yaml names what exists, and opens nothing to the outside."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cli.environment import read_settings
from tests.deploy.files import DEPLOY, IS_OURS, compose, is_a_command, is_a_setting

SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = {"server", "bot", "scheduler", "console", "migrate", "backup"}


def test_every_role_is_there() -> None:
    assert SERVICES.keys() == OURS | {"postgres", "weaviate"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_volume_network_and_dependency_exists(name: str) -> None:
    service, whole = SERVICES[name], compose()
    assert {*service.get("secrets", [])} <= whole["secrets"].keys()
    assert {*service["networks"]} <= whole["networks"].keys()
    assert {each.partition(":")[0] for each in service.get("volumes", [])} <= whole[
        "volumes"
    ].keys()
    assert service.get("depends_on", {}).keys() <= SERVICES.keys()
    for needed, how in service.get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[needed]


@pytest.mark.parametrize("name", SERVICES)
def test_files_with_secrets_are_those_that_the_service_gets(name: str) -> None:
    service = SERVICES[name]
    named = {
        value.removeprefix("/run/secrets/")
        for variable, value in service.get("environment", {}).items()
        if variable.endswith("_FILE")
    }
    assert named == {*service.get("secrets", [])}


def test_secrets_are_those_that_are_made() -> None:
    made = (DEPLOY / "make-secrets").read_text(encoding="utf-8")
    for name, secret in compose()["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
        assert f"keep {name} " in made


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_a_role_runs_and_sets_exists(name: str) -> None:
    service = SERVICES[name]
    for variable in filter(IS_OURS.fullmatch, service["environment"]):
        assert is_a_setting(variable), variable
    assert is_a_command(service.get("command", ["bot"]))
    if "build" in service:
        assert (DEPLOY.parent / service["build"]["dockerfile"]).is_file()
        assert (DEPLOY / service["build"]["context"]).resolve() == DEPLOY.parent
    if "healthcheck" in service:
        assert service["healthcheck"]["test"][:2] == ["CMD", "phi3"]
        assert is_a_command(service["healthcheck"]["test"][2:])


@pytest.mark.parametrize("name", sorted(OURS))
def test_roles_may_do_nothing_that_they_need_not(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_server_and_night_have_the_gpu() -> None:
    reserved = {
        name
        for name, service in SERVICES.items()
        for device in service.get("deploy", {})
        .get("resources", {})
        .get("reservations", {})
        .get("devices", [])
        if "gpu" in device["capabilities"]
    }
    assert reserved == {"server", "scheduler"}


def test_only_this_machine_reaches_the_console_and_the_databases_are_in_their_own_network() -> None:
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published == {"console": ["127.0.0.1:8050:8050"]}
    assert compose()["networks"]["data"] == {"internal": True}
    for name in ("postgres", "weaviate"):
        assert SERVICES[name]["networks"] == ["data"]
    assert SERVICES["server"]["networks"] == ["model"]


def test_the_server_answers_to_the_name_that_the_others_call_it() -> None:
    url = SERVICES["bot"]["environment"]["PHI3_SERVER_URL"]
    names = SERVICES["server"]["environment"]["PHI3_SERVER_NAMES"]
    assert urlsplit(url).hostname in names.split(",")


def test_all_roles_have_the_same_model() -> None:
    models = {
        SERVICES[name]["environment"]["PHI3_MODEL"]
        for name in ("server", "bot", "scheduler", "console")
    }
    assert len(models) == 1


def test_server_and_night_are_told_the_same_of_what_a_night_takes() -> None:
    for name in ("server", "scheduler"):
        assert SERVICES[name]["environment"]["PHI3_NIGHT_TAKES"] == "${PHI3_NIGHT_TAKES:-}"


@pytest.mark.parametrize(
    "words", [[], ["no"], ["db"], ["alive"], ["alive", "cat"], ["db", "upgrade"]]
)
def test_commands_are_told_from_what_is_none(words: list[str]) -> None:
    assert is_a_command(words) is (words == ["db", "upgrade"])


def test_secrets_that_are_made_are_kept_and_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = shutil.copy(DEPLOY / "make-secrets", tmp_path)
    given = os.environ | {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    subprocess.run(["sh", script], env=given, check=True, timeout=240)
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    subprocess.run(["sh", script], env=given, check=True, timeout=240)
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0

    for name, value in SERVICES["bot"]["environment"].items():
        if name.endswith("_FILE"):
            monkeypatch.setenv(name, value.replace("/run/secrets", str(tmp_path / "secrets")))
    settings = read_settings()
    assert settings.slack_mode == "socket"
    assert settings.server_key.get_secret_value() == made["server_key"]
    assert f"phi3:{made['postgres_password']}@postgres/phi3" in settings.database


def test_without_slacks_tokens_no_secrets_are_made(tmp_path: Path) -> None:
    script = shutil.copy(DEPLOY / "make-secrets", tmp_path)
    without = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    run = subprocess.run(
        ["sh", script], env=without, capture_output=True, text=True, check=False, timeout=240
    )
    assert run.returncode != 0
    assert "SLACK_BOT_TOKEN" in run.stderr
