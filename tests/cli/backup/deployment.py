"""A deployment with documents, answers, ratings, adapters and a night, and what is seen of it."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.commands.every import app
from cli.environment import read_settings
from cli.wiring import Container
from domain.adapters import Adapter, AdapterState
from domain.errors import Phi3Error
from domain.questions import Audience, Verdict
from records.runs import Runs
from tests.records.makers import NOW, answer, finished, question, rating
from training.publish import CONFIG, WEIGHTS, publish
from training.recipe import Recipe

DOCUMENTS = {
    "leave.md": "# Leave\n\nThere are 30 days of leave in Okapiland.\n",
    "pay.md": "# Pay\n\nThe pay comes on the last day, says Quaggaburg.\n",
    "warranty.md": "# Warranty\n\nThe frame has a warranty of ten years.\n",
}
QUESTIONS = ("How long is the warranty?", "How many days of leave?", "When does the pay come?")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where one is: its home, and the settings that say where its database and index are."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def environment(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(self.home.parent)
            patched.setenv("PHI3_HOME", str(self.home))
            # Without a number, the model says how many passages there are.
            patched.setenv("PHI3_PASSAGES", "3")
            for name, value in self.variables.items():
                patched.setenv(name, value)
            yield

    @contextmanager
    def container(self) -> Iterator[Container]:
        with self.environment():
            self.home.mkdir(mode=0o700, exist_ok=True)
            if "PHI3_DATABASE_URL" in os.environ:
                import migrations

                migrations.upgrade(os.environ["PHI3_DATABASE_URL"])
            with Container(read_settings()) as made:
                yield made

    def phi3(self, *words: str) -> Any:
        """What a command says in JSON. Raises what the command raises."""
        with self.environment():
            done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def refusal(self, *words: str) -> str:
        """The one line with which a command fails."""
        with pytest.raises(Phi3Error) as caught:
            self.phi3(*words)
        line = str(caught.value)
        assert "\n" not in line
        return line


def fill(of: Deployment, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)
    with of.container() as container:
        container.ingestor.ingest([folder], Audience.everyone(), "U1")
        private = Audience.of("channel:T1:C1")
        (folder / "private.md").write_text("# Private\n\nThe safe is behind the okapi.\n")
        container.ingestor.ingest([folder / "private.md"], private, "U1")
        for n in (1, 2):
            container.answers.ask(question(n))
            container.answers.record(answer(question(n)))
            container.ratings.rate(rating(answer(question(n)), verdict=Verdict.UP))
        for n, name in enumerate(("night-1", "night-2", "night-3", "night-4")):
            made = adapter(of.home, name, n)
            container.adapters.add(made)
        container.adapters.promote("night-1", NOW)
        container.adapters.promote("night-2", NOW + timedelta(days=1))
        container.adapters.reject("night-4")
        report = of.home / "nights" / "run-1"
        report.mkdir(parents=True)
        (report / "report.json").write_text('{"questions": []}')
        (report / "report.html").write_text("<p>A night.</p>")
        runs = Runs(container.database)
        runs.begin("run-1", NOW)
        runs.finish(replace(finished(runs.latest()[0]), report=str(report)))


def adapter(home: Path, name: str, n: int = 0) -> Adapter:
    def write(folder: Path) -> None:
        (folder / WEIGHTS).write_bytes(f"weights of {name}".encode() * 1000)
        (folder / CONFIG).write_text("{}")

    made = publish(home / "adapters", name, "tiny", Recipe(), [], write)
    at = NOW + timedelta(minutes=n)
    folder = str(home / "adapters" / name)
    return Adapter(name, "tiny", folder, made.sha256, AdapterState.TRAINED, "run", at)


def seen(of: Deployment) -> dict[str, Any]:
    """What people find, see and are told there."""
    found = {one: of.phi3("search", one)["passages"] for one in QUESTIONS}
    with of.container() as container:
        live = container.adapters.live()
        return {
            "found": found,
            "readers": container.index.audiences(),
            "sources": container.sources.all(),
            "ratings": [container.ratings.of(question(n).answer_id) for n in (1, 2)],
            "answers": [one.answer for one in container.answers.recent()],
            "live": live.name if live else None,
            "states": {one.name: one.state for one in container.adapters.all()},
            "page": container.runs.latest()[0].finished_at,
        }
