"""`phi3 up`: roles that end are started again, and none runs after the supervisor has ended."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import bot.run
from cli import processes, supervisor
from cli.settings import Settings
from cli.supervisor import RECOVERED_SECONDS, Role
from tests.cli.test_processes import ROOT, alive, wait_until, wait_until_ended

# A role that records its start, its arguments, and the request to end.
FAKE = """
import os, signal, sys, time
from pathlib import Path
role, parent = sys.argv[1], int(sys.argv[3])
notes = Path(os.environ["PHI3_HOME"])
def note(what):
    with (notes / role).open("a") as file: print(what, os.getpid(), file=file)
def stop(*_):
    time.sleep(0.5)
    note("ended")
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
note("began")
if role == "schedule" and (notes / "dies").exists():
    sys.exit(3)
from cli.processes import end_with_parent
end_with_parent(parent)
while True: time.sleep(0.1)
"""
UP = """
import sys
from pathlib import Path
from cli import processes
from cli.settings import Settings
from cli.supervisor import run_roles
processes.PROGRAM[:] = [sys.executable, sys.argv[1]]
run_roles(["serve", "schedule", "bot"], Settings(_env_file=None, home=Path(sys.argv[2])))
"""
ROLES = ("serve", "schedule", "bot")


def notes(home: Path, role: str) -> list[tuple[str, int]]:
    if not (home / role).exists():
        return []
    lines = (line.split() for line in (home / role).read_text().splitlines())
    return [(what, int(pid)) for what, pid in lines]


@contextmanager
def up(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The supervisor over fake roles, all of which have begun."""
    home.mkdir(exist_ok=True)
    fake = home.parent / "fake.py"
    fake.write_text(FAKE)
    with subprocess.Popen(
        [sys.executable, "-c", UP, str(fake), str(home)],
        cwd=home.parent,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
    ) as process:
        try:
            wait_until(lambda: all(notes(home, role) for role in ROLES))
            yield process
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_roles_are_asked_to_end_and_waited_for(asked: signal.Signals, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with up(home) as process:
        process.send_signal(asked)
        assert process.wait(60) == 0
    for role in ROLES:
        assert [what for what, _ in notes(home, role)] == ["began", "ended"]


@pytest.mark.slow
def test_roles_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with up(home) as process:
        pids = [notes(home, role)[0][1] for role in ROLES]
        process.kill()
        process.wait()
        for pid in pids:
            wait_until_ended(pid)


@pytest.mark.slow
def test_a_role_that_dies_is_started_again_and_the_others_run_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dies").touch()
    with up(home):
        wait_until(lambda: len(notes(home, "schedule")) >= 2)
        first = notes(home, "bot")[0][1]
        (home / "dies").unlink()
        wait_until(lambda: alive(notes(home, "schedule")[-1][1]))
        assert alive(first)
        assert len(notes(home, "bot")) == 1


def test_a_role_gets_the_settings_of_who_started_it_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_REPORT_CHANNEL", "C9")
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-of-somebody-else\n")
    program = [
        sys.executable,
        "-c",
        "from cli.environment import *; print(read_settings().__repr__())",
    ]
    monkeypatch.setattr(processes, "PROGRAM", program)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    settings = Settings(_env_file=None, home=tmp_path / "home", passages=7)
    log = tmp_path / "log"
    with log.open("wb") as written:
        processes.start_role("serve", settings, log=written.fileno()).wait(60)
    assert log.read_text().strip() == repr(settings)
    assert "xoxb" not in log.read_text()


def test_each_pause_is_longer_until_a_role_has_run_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "PROGRAM", [sys.executable, "-c", "raise SystemExit(3)"])
    monkeypatch.setattr(supervisor, "say", lambda _: None)
    role = Role("serve", Settings(_env_file=None, home=tmp_path), start_at=0.0)
    now, pauses = 0.0, []
    for seconds in (1, 1, 1, 1, 1, 1, 1, 1, RECOVERED_SECONDS, 1):
        role.supervise(now)  # starts it
        assert role.process
        role.process.wait()
        now += seconds
        role.supervise(now)  # notices that it has ended
        pauses.append(role.start_at - now)
        now = role.start_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 1, 2]


def test_a_role_that_cannot_be_started_is_started_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []
    monkeypatch.setattr(supervisor, "say", said.append)
    monkeypatch.setattr(processes, "PROGRAM", [str(tmp_path / "nothing")])
    role = Role("serve", Settings(_env_file=None, home=tmp_path), start_at=0.0)
    role.supervise(0.0)
    role.supervise(0.5)
    role.supervise(1.0)
    assert (role.process, role.start_at) == (None, 3.0)
    assert [line.split(": ")[0] for line in said] == ["serve cannot be started"] * 2
    monkeypatch.setattr(processes, "PROGRAM", [sys.executable, "-c", ""])
    role.supervise(3.0)
    assert role.process
    assert role.process.wait(60) == 0


def test_bot_has_more_time_to_end_than_its_running_answers() -> None:
    assert bot.run.GRACE + 10 <= processes.PATIENCE_SECONDS
