"""The units of systemd are right, and name what exists."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, IS_OURS, UNITS, is_a_command, is_a_setting

PROGRAM = "/opt/phi3/bin/phi3"
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "User": "phi3",
}


def lines(unit: Path) -> list[tuple[str, str]]:
    found = [line.partition("=") for line in unit.read_text(encoding="utf-8").splitlines()]
    return [(name, value) for name, sign, value in found if sign and not name.startswith("#")]


def each_unit() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)


def test_every_role_has_a_unit() -> None:
    assert {unit.stem for unit in UNITS} == {
        f"phi3-{role}" for role in ("backup", "bot", "console", "scheduler", "server")
    }
    assert (DEPLOY / "systemd/phi3.sysusers.conf").read_text().split()[:2] == ["u", "phi3"]


@each_unit()
def test_systemd_accepts_it(unit: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    for each in (*UNITS, *(DEPLOY / "systemd").glob("*.timer")):
        text = each.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / each.name).write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    about_it = [line for line in found.stderr.splitlines() if unit.name in line]
    assert (found.returncode, about_it) == (0, [])


@each_unit()
def test_what_it_runs_and_sets_exists(unit: Path) -> None:
    commands = [value.split() for name, value in lines(unit) if name.startswith("ExecStart")]
    assert commands
    for command in commands:
        assert command[0] == PROGRAM
        assert is_a_command(command[1:])
    for name, value in lines(unit):
        if name == "Environment":
            for variable in re.findall(r"(\w+)=", value):
                if IS_OURS.fullmatch(variable):
                    assert is_a_setting(variable), variable


@each_unit()
def test_every_credential_is_read_and_every_file_is_a_credential(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    loaded = dict(re.findall(r"^LoadCredential=(\w+):(.*)$", text, re.MULTILINE))
    assert loaded == {name: f"/etc/phi3/secrets/{name}" for name in loaded}
    assert dict(re.findall(r"(\w+)_FILE=(\S+)", text)) == {name: f"%d/{name}" for name in loaded}


@each_unit()
def test_it_may_do_nothing_that_it_need_not(unit: Path) -> None:
    assert dict(lines(unit)).items() >= HARDENED.items()


@each_unit()
def test_roles_are_started_again(unit: Path) -> None:
    said = dict(lines(unit))
    if unit.with_suffix(".timer").exists():
        # It must end, so that the timer can start it again.
        assert "RemainAfterExit" not in said
        timer = dict(lines(unit.with_suffix(".timer")))
        assert (timer["WantedBy"], timer["Persistent"]) == ("timers.target", "yes")
    else:
        assert (said["Restart"], said["WantedBy"]) == ("always", "multi-user.target")


@each_unit()
def test_what_uses_the_database_brings_it_to_its_tables(unit: Path) -> None:
    said = dict(lines(unit))
    if "PHI3_DATABASE_URL" in unit.read_text("utf-8") and "Restart" in said:
        assert said["ExecStartPre"] == f"{PROGRAM} db upgrade"


def test_command_by_hand_has_what_the_units_have(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/PHI3_DATABASE_URL").write_text("sqlite:////a b/phi3.db\n")
    (tmp_path / "settings").write_text("# no secret\nPHI3_ADMINS=U012ABC\n")
    program = tmp_path / "phi3"
    program.write_text("#!/bin/sh\nenv\npwd\nprintf '%s\\n' \"$@\"\n")
    program.chmod(0o755)
    runuser = tmp_path / "runuser"
    runuser.write_text('#!/bin/sh\necho "user=$2"\nshift 3\nexec "$@"\n')
    runuser.chmod(0o755)
    script = (DEPLOY / "systemd/phi3").read_text("utf-8").replace(PROGRAM, str(program))
    script = script.replace("/etc/phi3", str(tmp_path)).replace(
        "cd /var/lib/phi3", f"cd {tmp_path}"
    )
    done = subprocess.run(
        ["sh", "-c", script, "phi3", "ask", "two words"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )
    said = done.stdout.splitlines()
    assert said[-3:] == [str(tmp_path), "ask", "two words"]
    assert "user=phi3" in said
    assert "PHI3_ADMINS=U012ABC" in said
    assert "PHI3_DATABASE_URL=sqlite:////a b/phi3.db" in said
    [environment] = [
        value
        for name, value in lines(DEPLOY / "systemd/phi3-bot.service")
        if name == "Environment" and "PHI3_HOME" in value
    ]
    assert set(environment.split()) <= set(said)
