"""Each Containerfile copies, installs and runs what exists."""

import json
import re
from pathlib import Path

import pytest

from tests.deploy.files import CONTAINERFILES, PYPROJECT, ROOT, extras_of, is_a_command

WHEEL = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


def each_file() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("file", CONTAINERFILES, ids=lambda file: file.stem)


def test_every_role_has_one() -> None:
    assert [file.stem for file in CONTAINERFILES] == ["bot", "scheduler", "server"]


def test_everything_that_a_wheel_is_built_from_goes_into_the_build() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    project = PYPROJECT["project"]
    needed = {
        *WHEEL,
        project["readme"],
        *project["license-files"],
        "pyproject.toml",
        "requirements",
    }
    assert sent == needed
    assert all((ROOT / name).exists() for name in sent)


@each_file()
def test_what_it_copies_runs_and_installs_exists(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name in re.findall(r"-r (\S+)|--(?:build-)?constraints (\S+)", text):
        assert (ROOT / "".join(name)).is_file()
    assert extras_of(file) <= EXTRAS.keys()
    [entry] = re.findall(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)
    [command] = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    assert json.loads(entry)[-1] == "phi3"
    assert "phi3" in PYPROJECT["project"]["scripts"]
    assert is_a_command(json.loads(command))


@each_file()
def test_it_runs_as_the_user_of_the_manifests(file: Path) -> None:
    manifest = ROOT / "deploy" / "kubernetes" / f"{file.stem}.yaml"
    assert "USER 10001:10001" in file.read_text(encoding="utf-8")
    assert "runAsUser: 10001" in manifest.read_text(encoding="utf-8")


def test_bot_has_neither_torch_nor_an_extra_that_brings_it() -> None:
    bot = next(file for file in CONTAINERFILES if file.stem == "bot")
    heavy = {extra for extra, wanted in EXTRAS.items() if re.search("torch|models", str(wanted))}
    assert not extras_of(bot) & (heavy | {"train", "models"})
    assert not [one for one in PYPROJECT["project"]["dependencies"] if one.startswith("torch")]
