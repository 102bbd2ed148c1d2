"""The arms that people use each day: ours, and one that learns from everything they say.

Both have a home of their own, with the same documents, and are asked the same questions. Each is
rated for what it answers itself. One model server answers for both.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.month.people import Given, People, is_right
from bench.month.questions import Asked, day_prefix
from cli.asking import question_of
from cli.environment import as_environment
from cli.reading import read_targets
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.adapters import TrainingRun
from domain.errors import GenerationError, TrainingFailed
from domain.night_rows import Became
from domain.questions import AnswerKind, RatedAnswer, Rating

AT_ONCE = 4
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day: the answers, how many said what is right, and the ratings."""

    answers: int
    right: int
    ratings: Sequence[Given]


class Arm:
    """One arm; ``name`` is ``ours`` or ``naive``. Close ``container`` when it is no longer used."""

    def __init__(
        self, name: str, settings: Settings, documents: Path, checkpoint_seconds: float
    ) -> None:
        self.name = name
        self.container = Container(settings)
        self._documents = documents
        self._checkpoint_seconds = checkpoint_seconds

    def read_documents(self) -> None:
        """Reads the folder as it is now into the index."""
        report, _ = read_targets(self.container, [str(self._documents)], Wanted())
        if report.failed:
            raise TrainingFailed(f"{report.failed[0].source}: {report.failed[0].reason}")

    def day(self, day: int, asked: Sequence[Asked], people: People) -> Day:
        """Asks the questions and has the answers rated; done again, it changes nothing."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            texts = list(threads.map(lambda one: self._answer(day, one), asked))
        given = [
            rating
            for one, (answer_id, text) in zip(asked, texts, strict=True)
            for rating in self._rate(people.ratings(day, one, text), answer_id)
        ]
        right = sum(is_right(text, one) for one, (_, text) in zip(asked, texts, strict=True))
        return Day(len(asked), right, given)

    def _answer(self, day: int, asked: Asked) -> tuple[str, str]:
        question = question_of(asked.text, name=f"{day_prefix(day)}{asked.id}")
        answer = self.container.answerer.answer(question)
        # Where only a passage is quoted, people write the answer.
        return answer.id, "" if answer.kind is AnswerKind.UNSURE else answer.text

    def _rate(self, given: Sequence[Given], answer_id: str) -> Sequence[Given]:
        for one in given:
            now = datetime.now(UTC)
            rating = Rating(answer_id, one.by, one.verdict, now, correction=one.correction)
            self.container.ratings.rate(rating)
        return given

    def night(self, day: int, *, kill: bool = False) -> bool:
        """Runs a night in a process of its own; returns whether it was killed in its middle.

        With ``kill`` it is killed once its training has stored a checkpoint.
        """
        words = self.name, str(day), str(self._checkpoint_seconds), str(os.getpid())
        command = [sys.executable, "-m", "bench.month.night", *words]
        log = self.container.settings.home / "nights.log"
        with log.open("a", encoding="utf-8") as written:
            process = subprocess.Popen(
                command,
                env=as_environment(self.container.settings),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        try:
            while process.poll() is None:
                if kill and self._has_checkpoint():
                    os.kill(process.pid, signal.SIGKILL)
                    process.wait()
                    return True
                time.sleep(_LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            raise TrainingFailed(f"Night {day} of {self.name} failed; {log} says why.")
        return False

    def _has_checkpoint(self) -> bool:
        adapters = self.container.settings.home / "adapters"
        return any(adapters.glob(".half-*/checkpoints/checkpoint-*/complete"))

    def latest_run(self) -> TrainingRun:
        return self.container.runs.latest(1)[0]

    def unload_others(self) -> None:
        """Frees the server's memory of adapters that answer no more."""
        live = self.container.live_adapter()
        for one in self.container.adapters.all():
            if one.name != live:
                with suppress(GenerationError):
                    self.container.server.unload_adapter(one.name)

    def trained_on(self, run: TrainingRun) -> list[RatedAnswer]:
        """The rated answers that a night of ours trained on."""
        rows = self.container.night_rows.of_run(run.id)
        ids = {row.answer_id for row in rows if row.became is Became.TRAINED}
        return [one for one in self.container.ratings.rated() if one.answer.id in ids]


def resumed_at(run: TrainingRun) -> int:
    """The step from which a night went on with a killed one's training; 0 if it did not."""
    if not run.report:
        return 0
    read: dict[str, Any] = json.loads((Path(run.report) / "report.json").read_text("utf-8"))
    trained = read["trained"]  # None if the night did not get to it
    return int(trained["resumed_at"]) if trained else 0
