"""The page of the JSON shows what each command prints: the same keys, and kinds of values."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.commands.every import app
from tests.cli.model_server import ModelServer
from tests.docs.conftest import FirstSteps
from tests.docs.homes import add_nights, add_trouble, page, read_shell
from tests.docs.shapes import misfits
from tests.models import smollm2_home

__all__ = ["smollm2_home"]

PAGE = page("api.md")
EXAMPLES = [
    (command, json.loads(text))
    for command, text in re.findall(
        r'^```json title="(phi3 [^"]*)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL
    )
]


def with_json(command: Any, words: tuple[str, ...] = ("phi3",)) -> Iterator[str]:
    """The commands that have --json."""
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from with_json(each, (*words, name))
    elif any("--json" in parameter.opts for parameter in command.params):
        yield " ".join(words)


@pytest.mark.parametrize("command", sorted(with_json(typer.main.get_command(app))))
def test_the_page_has_each_command_with_json(command: str) -> None:
    shown = any(each.startswith(f"{command} ") for each, _ in EXAMPLES)
    assert shown or f"`{command} --json`" in PAGE


@pytest.mark.slow
def test_each_command_prints_what_the_page_shows(
    first_steps: FirstSteps, model: ModelServer, smollm2_home: Path, tmp_path: Path
) -> None:
    shell = read_shell(tmp_path, first_steps.home, model.url)
    (tmp_path / "home" / "models").symlink_to(smollm2_home / "models")
    model.replies["night-1"] = model.reply
    add_trouble(tmp_path)
    add_nights(tmp_path / "home")
    question = {"id": "1", "question": "Where is the fire assembly point at the Works?"}
    row = json.dumps(question | {"answer": "The walnut tree in the east car park."})
    (tmp_path / "questions.jsonl").write_text(row + "\n")
    wrong = []
    for command, example in EXAMPLES:
        made = max(tmp_path.glob("backups/*.tar"), default=tmp_path).name
        said = shell.run(re.sub(r"phi3-[\d-]+\.tar", made, command)).output
        lines = [line for line in said.splitlines() if line.startswith("{")]
        if not lines:
            wrong.append(f"{command}: {said}")
            continue
        wrong += [f"{command}: {each}" for each in misfits(example, json.loads(lines[0]))]
    assert not wrong, "\n".join(wrong)
