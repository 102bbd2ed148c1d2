"""What the files in deploy/ name, and what the program has."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import typer.main
import yaml

from cli.commands.every import app
from cli.environment import variable
from cli.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted(
    file for file in (DEPLOY / "kubernetes").glob("*.yaml") if file.name != "kustomization.yaml"
)
CONTAINERFILES = sorted(DEPLOY.glob("*.Containerfile"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

SETTINGS = {variable(name) for name in Settings.model_fields}
IS_OURS = re.compile(r"(?:PHI3|SLACK)_\w+")


def extras_of(file: Path) -> set[str]:
    """The extras that a Containerfile installs."""
    [found] = re.findall(r"\*\.whl\)\[(.*)\]", file.read_text(encoding="utf-8"))
    return set(found.split(","))


@cache
def documents() -> tuple[dict[str, Any], ...]:
    """All objects of the manifests."""
    texts = [file.read_text(encoding="utf-8") for file in MANIFESTS]
    return tuple(each for text in texts for each in yaml.safe_load_all(text))


def objects(*kinds: str) -> dict[str, dict[str, Any]]:
    """The objects of some kinds, by their names."""
    return {each["metadata"]["name"]: each for each in documents() if each["kind"] in kinds}


@cache
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def is_a_setting(name: str) -> bool:
    return name.removesuffix("_FILE") in SETTINGS


def is_a_command(words: list[str]) -> bool:
    """Whether `phi3 …` is a whole command, with the arguments that it takes."""
    command: Any = typer.main.get_command(app)
    rest = [*words]
    while hasattr(command, "commands"):
        if not rest or rest[0] not in command.commands:
            return False
        command = command.commands[rest.pop(0)]
    try:
        command.make_context("phi3", rest)
    except typer.BadParameter:
        return False
    return True
