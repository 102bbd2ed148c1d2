"""How long commands take from the start of their process, and the memory of a bot that searches.

`phi3 --help` is compared with a Python process that does nothing, and `phi3 search` with one that
only imports sentence-transformers.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import HANDBOOK, Figure
from tests.slack_double import APP_TOKEN, BOT_TOKEN, slack_double

_ROUNDS = 9
_SEARCHES = 3
_PHI3 = ["-m", "cli.app"]
_QUESTION = "How long is the frame warranty?"
_MISSPELT = "How long is the frame waranty, and who repairs breaks?"
_BOT = f"""
import bot.slack.http, bot.run, bot.slack.socket_mode
from bench import peak_memory
from cli.app import prepare_process
from cli.asking import question_of
from cli.running import with_default_server
from cli.environment import read_settings
from cli.wiring import Container

prepare_process()
with Container(with_default_server(read_settings())) as container:
    container.bot
    for question in [{_QUESTION!r}, {_MISSPELT!r}] * 15:
        container.searcher.search(question_of(question))
    print(peak_memory())
"""


def measure(folder: Path) -> list[Figure]:
    return [_help(), _search(folder / "home"), _bot(folder / "home")]


def _help() -> Figure:
    ours, bare = [], []
    for _ in range(_ROUNDS):
        ours.append(_seconds([*_PHI3, "--help"]))
        bare.append(_seconds(["-c", "pass"]))
    return Figure(
        "phi3 --help",
        f"{median(ours):.2f} s",
        f"python -c pass: {median(bare):.2f} s",
        f"{median(ours):.2f} s",
        "under 0.5 s",
    )


def _search(home: Path) -> Figure:
    settings = {"PHI3_HOME": str(home)}
    _run([*_PHI3, "ingest", str(HANDBOOK)], settings)
    ours, bare = [], []
    for _ in range(_SEARCHES):
        ours.append(_seconds([*_PHI3, "search", _QUESTION], settings))
        bare.append(_seconds(["-c", "import sentence_transformers"]))
    ratio = median(one / other for one, other in zip(ours, bare, strict=True))
    return Figure(
        "phi3 search in a process of its own",
        f"{median(ours):.1f} s",
        f"importing sentence-transformers: {median(bare):.1f} s",
        f"{ratio:.2f}",
        "under 0.2",
    )


def _bot(home: Path) -> Figure:
    with slack_double() as slack:
        settings = {
            "PHI3_HOME": str(home),
            "PHI3_SLACK_API_URL": slack.url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
        }
        memory = float(_run(["-c", _BOT], settings)) * 1000
    return Figure(
        "memory of a bot that searches", f"{memory:.0f} MB", "–", f"{memory:.0f} MB", "under 400 MB"
    )


def _seconds(arguments: Sequence[str], settings: Mapping[str, str] | None = None) -> float:
    began = perf_counter()
    _run(arguments, settings or {})
    return perf_counter() - began


def _run(arguments: Sequence[str], settings: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["env", *map("=".join, settings.items()), sys.executable, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return done.stdout
