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
        f"phi3-{role}" for role in ("backup", "bot", "console", "migrate", "scheduler", "server")
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
    [command] = [value.split() for name, value in lines(unit) if name == "ExecStart"]
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
    elif said.get("Type") == "oneshot":
        assert said["RemainAfterExit"] == "yes"
    else:
        assert (said["Restart"], said["WantedBy"]) == ("always", "multi-user.target")
