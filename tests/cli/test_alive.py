"""`phi3 alive ROLE` tells probes whether a role's main loop goes on."""

import os
import subprocess
import sys
import time
from logging import WARNING
from pathlib import Path
from signal import SIGTERM
from typing import Literal

import httpx
import pytest
from typer.testing import CliRunner

from cli.alive import SILENCE, Role, check_alive, marking
from cli.commands.every import app
from domain.errors import Phi3Error, ServerUnavailable
from serving.models import load, resolve
from tests.cli.model_server import model_server
from tests.ports import free_port
from tests.serving.conftest import running, tiny

__all__ = ["tiny"]

ROOT = Path(__file__).parents[2]


def file_of(home: Path) -> Path:
    [file] = (home / "alive").iterdir()
    return file


def age(file: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


def test_a_role_is_alive_while_it_marks_the_time(tmp_path: Path) -> None:
    with marking(tmp_path, Role.BOT) as mark:
        age(file_of(tmp_path), SILENCE + 1)
        mark()
        check_alive(tmp_path, Role.BOT)
        with pytest.raises(Phi3Error, match="`phi3 schedule` does not run here"):
            check_alive(tmp_path, Role.SCHEDULE)
    with pytest.raises(Phi3Error, match="`phi3 bot` does not run here"):
        check_alive(tmp_path, Role.BOT)


def test_a_role_whose_loop_hangs_is_not_alive(tmp_path: Path) -> None:
    with marking(tmp_path, Role.BOT):
        age(file_of(tmp_path), SILENCE + 20)
        with pytest.raises(Phi3Error, match="does not go on: its last mark is 200 s old"):
            check_alive(tmp_path, Role.BOT)


def test_the_same_role_on_another_machine_says_nothing_of_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    with marking(tmp_path, Role.BOT):
        monkeypatch.setattr("socket.gethostname", lambda: "here/..")
        with pytest.raises(Phi3Error, match="does not run here"):
            check_alive(tmp_path, Role.BOT)


def test_marks_of_machines_that_are_gone_are_removed_in_time(tmp_path: Path) -> None:
    (tmp_path / "alive").mkdir()
    for name, days in (("bot@gone", 8), ("bot@quiet", 6)):
        (tmp_path / "alive" / name).touch()
        age(tmp_path / "alive" / name, days * 86_400)
    with marking(tmp_path, Role.SCHEDULE):
        names = {file.name.partition("@")[0] for file in (tmp_path / "alive").iterdir()}
        assert names == {"bot", "schedule"}
        assert not (tmp_path / "alive" / "bot@gone").exists()


def test_a_role_works_on_where_the_mark_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "alive").touch()
    with marking(tmp_path, Role.BOT) as mark:
        mark()
        mark()
    assert [record.levelno for record in caplog.records] == [WARNING]


def test_the_command_says_in_its_exit_whether_the_role_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    with marking(tmp_path, Role.BOT):
        assert CliRunner().invoke(app, ["alive", "bot"]).exit_code == 0
    assert isinstance(CliRunner().invoke(app, ["alive", "bot"]).exception, Phi3Error)
    assert CliRunner().invoke(app, ["alive", "cat"]).exit_code == 2


def test_the_model_server_is_asked_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    with model_server() as server:
        monkeypatch.setenv("PHI3_SERVER_PORT", server.url.split(":")[2].partition("/")[0])
        assert CliRunner().invoke(app, ["alive", "serve"]).exit_code == 0
    monkeypatch.setenv("PHI3_SERVER_PORT", str(free_port()))
    found = CliRunner().invoke(app, ["alive", "serve"])
    assert isinstance(found.exception, ServerUnavailable)


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "state"), [("model", 503), ("cache", 200)])
def test_the_model_server_lives_while_it_rests_for_a_night(
    wanted: Literal["cache", "model"],
    state: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tiny: Path,
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    with running(tiny, reload=lambda: load(resolve(str(tiny), tiny))[0]) as server:
        monkeypatch.setenv("PHI3_SERVER_PORT", server.url.split(":")[2].partition("/")[0])
        server.client.make_room(wanted, 60)
        assert httpx.get(f"{server.url}/health").status_code == state
        assert CliRunner().invoke(app, ["alive", "serve"]).exit_code == 0
        server.client.take_back()
        assert CliRunner().invoke(app, ["alive", "serve"]).exit_code == 0


@pytest.mark.slow
def test_the_scheduler_is_alive_from_its_start(tmp_path: Path) -> None:
    environment = os.environ | {"PHI3_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    role = subprocess.Popen([sys.executable, "-m", "cli.app", "schedule"], env=environment)
    try:
        deadline = time.monotonic() + 60
        while not [*tmp_path.glob("alive/schedule@*")]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        check_alive(tmp_path, Role.SCHEDULE)
        age(file_of(tmp_path), SILENCE + 20)
        while True:
            try:
                check_alive(tmp_path, Role.SCHEDULE)
                break
            except Phi3Error:
                assert time.monotonic() < deadline
                time.sleep(0.05)
    finally:
        role.send_signal(SIGTERM)
        role.wait(60)
