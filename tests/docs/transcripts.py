"""The commands of a page with what they print, run again and compared.

A block of kind ``console`` has commands behind ``$``, and below each what it printed. There `…`
stands for any text, and alone in a line for any lines. ``phi3`` runs in this process, other
commands in bash; ``export`` holds for what follows in the page. How many spaces there are in a row
does not count.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from typer.testing import CliRunner

from cli.commands.every import app
from domain.errors import Phi3Error

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FAILED = ("phi3: ", "FAILS ")
"""How a line of a command begins that fails."""
_ASSIGNS = re.compile(r"[A-Z0-9_]+=").match


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and the text that the page shows below it."""

    command: str
    shown: str

    @property
    def fails(self) -> bool:
        return any(line.startswith(_FAILED) for line in self.shown.splitlines())


@dataclass(frozen=True, slots=True)
class Result:
    output: str
    status: int


@dataclass
class Shell:
    """A folder in which the commands of pages run, with settings.

    ``ANSWER_ID`` in a command is the id of the answer before.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    answer: str = ""

    def run(self, command: str) -> Result:
        words = shlex.split(command.replace("ANSWER_ID", self.answer))
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.settings[name] = value
            return Result("", 0)
        for_it = dict(word.split("=", 1) for word in takewhile(_ASSIGNS, words))
        words = words[len(for_it) :]
        is_ours = words[0] == "phi3"
        result = self._phi3(words[1:], for_it) if is_ours else self._bash(command)
        if found := re.search(r"phi3 rate (\w+) up\|down|\"answer_id\": \"(\w+)\"", result.output):
            self.answer = found[1] or found[2]
        return result

    def _phi3(self, words: list[str], for_it: dict[str, str]) -> Result:
        with chdir(self.folder):
            done = CliRunner().invoke(app, words, env=self.settings | for_it)
        if isinstance(done.exception, Phi3Error):  # what cli.app.main makes of it
            return Result(f"{done.output}phi3: {done.exception}\n", 1)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Result(done.output, done.exit_code)

    def _bash(self, command: str) -> Result:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=os.environ | self.settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=240,
        )
        return Result(done.stdout, done.returncode)


def steps_of(page: str) -> Iterator[Step]:
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield Step(command, shown)


def differences(page: str, shell: Shell) -> list[str]:
    """What each command printed that the page does not show; empty if all is as it says."""
    found = []
    for step in steps_of(page):
        result = shell.run(step.command)
        if not agrees(step.shown, result.output) or (result.status != 0) is not step.fails:
            found.append(f"$ {step.command}\n{result.output}(exit status {result.status})")
    return found


def agrees(shown: str, printed: str) -> bool:
    pattern = "".join(_line(line) for line in _lines(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed))) is not None


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _line(shown: str) -> str:
    """A line that is only ``…`` stands for any lines, or for none."""
    if shown == "…":
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in shown.split("…")) + r"\n"
