"""Finding passages, compared with other systems on the same files, questions and weights.

The peers are no dependencies of this project: another Python has them, and each runs in a process
of its own. What counts as found is the same for all.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench import peer_systems
from bench.embedder import model_folder
from cli.asking import question_of
from cli.settings import Settings
from cli.wiring import Container
from domain.questions import Audience, Message

OURS = "phi3-expert"
_AT = (1, 5, 10)
_READ = 6_000
"""Characters of the passages that are read, so that large passages find no more than small ones."""

_OFFLINE = ("env", "HF_HUB_OFFLINE=1", "HAYSTACK_TELEMETRY_ENABLED=False")

HEADER = (
    "| system | recall@1 | recall@5 | recall@10 | follow-ups@5 | ingest, s | a search, ms |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the turns before it, and the quotes that answer it."""

    text: str
    history: tuple[Message, ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a system found for each question, and how long it took."""

    system: str
    ingest: float
    ms: float
    texts: Sequence[Sequence[str]]

    def row(self, asked: Sequence[Asked]) -> str:
        """A row of the table. Follow-ups have a column of their own."""
        alone = [n for n, one in enumerate(asked) if not one.history]
        later = [n for n, one in enumerate(asked) if one.history]
        shares = [self._recall(asked, alone, k) for k in _AT] + [self._recall(asked, later, 5)]
        return f"| {self.system} | {' | '.join(shares)} | {self.ingest:.1f} | {self.ms:.0f} |"

    def _recall(self, asked: Sequence[Asked], places: Sequence[int], k: int) -> str:
        hits = sum(is_found(self.texts[n][:k], asked[n].quotes) for n in places)
        return f"{hits / len(places):.2f}" if places else "–"


def is_found(texts: Sequence[str], quotes: Sequence[str]) -> bool:
    """Whether every quote stands in what is read of the texts."""
    read = _folded("\n".join(texts)[:_READ])
    return all(_folded(quote) in read for quote in quotes)


def _folded(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower().strip()


def questions(file: Path) -> list[Asked]:
    """The rows of a JSON Lines file that say by which quotes they are answered."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    return [_asked(row) for row in rows if row.get("evidence")]


def _asked(row: Mapping[str, Any]) -> Asked:
    turns = tuple(Message(turn["role"], turn["content"]) for turn in row.get("history", ()))
    quotes = row["evidence"]
    return Asked(row["question"], turns, (quotes,) if isinstance(quotes, str) else tuple(quotes))


class Comparison:
    """``python`` has the peers; without it only our own row is measured."""

    def __init__(self, folder: Path, files: Sequence[Path], rows: Path, python: str = "") -> None:
        self._folder, self._files, self._python = folder, files, python
        self.asked = questions(rows)

    def lines(self) -> Iterator[str]:
        """The table, each row once it is measured."""
        yield HEADER
        yield self._ours().row(self.asked)
        for peer in peer_systems.PEERS if self._python else ():
            yield self._peer(peer)

    def _ours(self) -> Found:
        with Container(Settings(home=self._folder / "home")) as container:
            container.embedder.embed_question("warm up")
            began = perf_counter()
            container.ingestor.ingest(self._files, Audience.everyone(), "bench")
            ingest = perf_counter() - began
            texts, took = [], []
            for one in self.asked:
                question = question_of(one.text, one.history)
                began = perf_counter()
                evidence = container.searcher.search(question, max(_AT))
                took.append(perf_counter() - began)
                texts.append([passage.text for passage in evidence.passages])
        return Found(OURS, ingest, median(took) * 1000, texts)

    def _peer(self, peer: str) -> str:
        """The row of a peer, or why there is none."""
        script = self._python, peer_systems.__file__, peer, str(model_folder()), *self._written
        done = subprocess.run([*_OFFLINE, *script], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"| {peer} | {done.stderr.splitlines()[-1]} |"
        said = json.loads(done.stdout.splitlines()[-1])
        name = f"{peer} ({said['versions']})"
        return Found(name, said["ingest"], said["ms"], said["found"]).row(self.asked)

    @cached_property
    def _written(self) -> tuple[str, str]:
        """What a peer is told: the files, and the questions without the turns before them."""
        files, texts = self._folder / "files.json", self._folder / "texts.json"
        paths = [each for path in self._files for each in ([path, *path.rglob("*")])]
        files.write_text(json.dumps([str(path) for path in sorted(paths) if path.is_file()]))
        texts.write_text(json.dumps([one.text for one in self.asked]))
        return str(files), str(texts)
