"""A model of Phi-3.5-mini's size through the whole loop once, on the CPU and without a model hub.

    python -m bench full-size --home FOLDER

The weights are random, so the figures are of time and memory; the answers mean nothing, and what
goes live is an operator's decision. Server and night are processes of their own, as in use. They do
not fit beside each other into 24 GB, so the server is stopped while the night trains, and by day it
has the smallest share of the memory with which it answers: one answer at a time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from time import monotonic, perf_counter, sleep

from bench import forget_peak, peak_memory
from bench.month.run import MonthSettings
from bench.random_models import PHI3_SIZE
from cli.asking import question_of
from cli.environment import as_environment, read_settings
from cli.home import open_home
from cli.local_server import free_port, own_url
from cli.memory import memory_plan
from cli.processes import PROGRAM, end, start_role
from cli.reading import read_targets
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.adapters import Adapter, AdapterState
from domain.errors import Phi3Error
from domain.questions import Answer, Rating, Verdict
from serving.memory.night import Training, night_needs
from serving.memory.server import cache_bytes
from serving.memory.sizes import ModelSizes, sizes_of
from serving.models import computes_bfloat16

_TOKENS = 4
"""Tokens of an answer."""

_STEPS = 2
_START_SECONDS = 1_800
_END_SECONDS = 40

_FACTS = {
    "bell": "in the attic",
    "chain": "in the cellar",
    "lamp": "in the garage",
    "pump": "in the office",
    "rim": "in the barn",
    "saddle": "in the hall",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, the seconds it took, and what came of it.

    ``peak`` is the most memory in GB that ``process`` had used by then, in a night's steps without
    the loading. ``planned`` is what the memory plan computes; None for what it does not plan.
    """

    what: str
    seconds: float
    process: str
    peak: float
    planned: float | None
    says: str


class FullSize:
    """The loop in the folder ``home`` with the model in the folder ``model``."""

    def __init__(self, home: Path, model: Path) -> None:
        documents = home / "documents"
        documents.mkdir(parents=True, exist_ok=True)
        for thing, place in _FACTS.items():
            text = f"# The {thing}\n\nThe {thing} of the workshop lies {place}.\n"
            (documents / f"{thing}.md").write_text(text, encoding="utf-8")
        self._documents = documents
        self._log = home / "server.log"
        port = free_port()
        self._sizes, share = least_share(str(model))
        self._settings: Settings = MonthSettings(
            home=open_home(home / "home"),
            model=str(model),
            server_url=own_url(port),
            server_port=port,
            memory_share=share,
            passages=1,
            max_tokens=_TOKENS,
            answer_timeout=float(_START_SECONDS),
        )
        self._plan = memory_plan(self._settings)

    def steps(self) -> Iterator[Step]:
        """Each step once it is done. Raises Phi3Error."""
        with Container(self._settings) as container:
            with self._serving() as server:
                yield server.step("serve: start, until it is ready")
                yield self._asked(container, server)
            yield from self._night()
            [adapter] = container.adapters.all()
            with self._serving() as server:
                yield server.step("serve: start again")
                yield from self._decided(container, server, adapter)

    @contextmanager
    def _serving(self) -> Iterator["Server"]:
        began = perf_counter()
        with self._log.open("ab") as log:
            process = start_role("serve", self._settings, log=log.fileno())
        try:
            server = Server(process, began, self._plan.server.total / 1e9)
            server.wait(self._settings, self._log)
            yield server
        finally:
            end([process], _END_SECONDS)

    def _asked(self, container: Container, server: "Server") -> Step:
        """Reads the documents, asks a question about each, and has the answers corrected."""
        report, _ = read_targets(container, [str(self._documents)], Wanted())
        if report.failed:
            raise Phi3Error(f"{report.failed[0].source}: {report.failed[0].reason}")
        server.restart_clock()
        for n, (thing, place) in enumerate(_FACTS.items()):
            answer = _ask(container, f"Where does the {thing} of the workshop lie?")
            said = Rating(
                answer.id,
                f"U{n}",
                Verdict.DOWN,
                datetime.now(UTC),
                correction=f"The {thing} of the workshop lies {place}.",
            )
            container.ratings.rate(said)
        return server.step(f"ask: {len(_FACTS)} questions, one after another")

    def _night(self) -> Iterator[Step]:
        """Two steps in NF4 on the rated rows, and the adapter's files, in a process of its own."""
        began = perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "bench.full_size", "night"],
            env=as_environment(self._settings),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        whole, trained = perf_counter() - began, found["trained"]
        yield Step("night: load in NF4", whole - trained, "night", found["loading"], None, "")
        losses = ", ".join(f"{loss:.2f}" for loss in found["losses"])
        what = f"night: {len(found['losses'])} steps on {found['tokens']} tokens, publish"
        says = f"losses {losses}; {found['megabytes']} MB"
        yield Step(what, trained, "night", found["peak"], self._planned_night(found), says)

    def _planned_night(self, found: dict[str, int]) -> float:
        """GB of a step, as computed."""
        planned = self._plan.night or self._plan.least
        needs = night_needs(
            self._sizes,
            Training(None, 2 if computes_bfloat16("cpu") else 4),
            tokens=found["at_once"],
            recomputes=False,
            process=planned.process,
        )
        return needs.total / 1e9

    def _decided(self, container: Container, server: "Server", adapter: Adapter) -> Iterator[Step]:
        from cli.night_plan import night_plan
        from training.evaluation import ask_all

        server.restart_clock()
        container.server.load_adapter(adapter.name, adapter.path)
        yield server.step("load the adapter")
        held_back = night_plan(container).held_back[:1]
        replies = [
            ask_all(container.server, held_back, name, max_tokens=_TOKENS)[0].text
            for name in (None, adapter.name)
        ]
        yield server.step("compare: one question, without and with it", f"{replies}")
        self._command("adapters", "promote", adapter.name)
        yield server.step("swap: promote", _answered_by(container, adapter.name))
        self._command("adapters", "rollback")
        yield server.step("roll back", _answered_by(container, None))
        container.server.unload_adapter(adapter.name)
        yield server.step("unload")

    def _command(self, *words: str) -> None:
        """A command of the program, which raises CalledProcessError if it fails."""
        environment = as_environment(self._settings)
        subprocess.run([*PROGRAM, *words], env=environment, check=True, stdout=subprocess.DEVNULL)


class Server:
    """A running `phi3 serve`, and a clock for the steps."""

    def __init__(self, process: "subprocess.Popen[bytes]", began: float, planned: float) -> None:
        self._process = process
        self._began = began
        self._planned = planned

    def wait(self, settings: Settings, log: Path) -> None:
        from serving.client import ServerClient

        deadline = monotonic() + _START_SECONDS
        key = settings.server_key.get_secret_value() or None
        client = ServerClient(settings.server_url, key=key)
        try:
            while not client.healthy():
                if self._process.poll() is not None or monotonic() > deadline:
                    raise Phi3Error(f"The server did not start: {log} says why.")
                sleep(0.2)
        finally:
            client.close()

    def restart_clock(self) -> None:
        self._began = perf_counter()

    def step(self, what: str, says: str = "") -> Step:
        """The step that ended now; the next one begins."""
        seconds = perf_counter() - self._began
        peak = peak_memory(self._process.pid)
        step = Step(what, seconds, "server", peak, self._planned, says)
        self.restart_clock()
        return step


def _ask(container: Container, text: str) -> Answer:
    return container.answerer.answer(question_of(text))


def _answered_by(container: Container, wanted: str | None) -> str:
    """Asks once more. Raises Phi3Error unless ``wanted`` answers; None is the base model."""
    answer = _ask(container, "Where does the lamp of the workshop lie?")
    if answer.adapter != wanted:
        raise Phi3Error(f"{answer.adapter} answered, not {wanted}.")
    return f"{answer.adapter or 'the base model'} answers"


def least_share(model: str) -> tuple[ModelSizes, float]:
    """The sizes of a model, and the share of this machine's memory that its server needs at least.

    Raises ConfigError if the sizes are not known.
    """
    plan = memory_plan(MonthSettings(model=model))
    sizes = sizes_of(model)
    assert sizes is not None
    server = plan.server
    smallest = cache_bytes(sizes, server.weights // sizes.parameters, sizes.context)
    needed = server.total - server.cache + smallest
    return sizes, ceil(1_000 * needed / plan.card.bytes) / 1_000


def build(model: Path) -> None:
    """Builds the model on the CPU; done before, it is kept."""
    from bench.random_models import build_phi3

    if not (model / "config.json").exists():
        build_phi3(model, "cpu")


def night() -> None:
    """What a night trains, limited to two steps, and what it publishes."""
    from training import qlora
    from training.packing import FILLED_TO
    from training.progress import TrainingProgress
    from training.publish import publish
    from training.recipe import Recipe

    with Container(read_settings()) as container:
        from cli.night_plan import night_plan
        from serving.models import resolve

        chosen = container.settings
        base = resolve(chosen.model, chosen.home)
        recipe = Recipe(quantised=True, epochs=1)
        loading: list[float] = []

        def listen(step: TrainingProgress) -> None:
            if step.done == 1:
                loading.append(peak_memory())
                forget_peak()

        rows = night_plan(container).train[: _STEPS * recipe.batch]
        done: list[qlora.Trained] = []
        name = f"night-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        folder = chosen.home / "adapters"
        manifest = publish(
            folder,
            name,
            base.name,
            recipe,
            [row.answer_id for row in rows],
            lambda half: done.append(qlora.train(rows, recipe, base, half, listen)),
        )
        made = folder / name
        container.adapters.add(
            Adapter(
                name,
                base.name,
                str(made),
                manifest.sha256,
                AdapterState.TRAINED,
                name,
                manifest.created_at,
            )
        )
    [trained] = done
    print(
        json.dumps(
            {
                "trained": trained.seconds,
                "tokens": trained.tokens,
                "losses": trained.losses,
                "megabytes": round(sum(f.stat().st_size for f in made.iterdir()) / 1e6),
                "at_once": FILLED_TO * ceil(trained.tokens / trained.rows / FILLED_TO),
                "loading": loading[0],
                "peak": peak_memory(),
            }
        )
    )


def run(home: Path, model: Path | None, *, as_json: bool) -> None:
    """Builds the model unless one is given, and prints each step as it ends. Raises Phi3Error."""
    home.mkdir(parents=True, exist_ok=True)
    found: list[Step] = []

    def tell(step: Step) -> None:
        found.append(step)
        if not as_json:
            planned = f"{step.planned:.1f} GB" if step.planned else "–"
            peak = f"{step.process}: {step.peak:.1f} GB"
            cells = step.what, f"{step.seconds:.1f} s", peak, planned, step.says
            print(f"| {' | '.join(cells)} |", flush=True)

    if not as_json:
        print(
            "| step | time | most memory by then | planned | |\n|---|---|---|---|---|", flush=True
        )
    if model is None:
        model, began = home / PHI3_SIZE, perf_counter()
        command = [sys.executable, "-m", "bench.full_size", "build", str(model)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        tell(Step("build", perf_counter() - began, "builder", float(done.stdout), None, ""))
    for step in FullSize(home, model).steps():
        tell(step)
    if as_json:
        print(json.dumps({"cores": os.cpu_count(), "steps": [asdict(step) for step in found]}))


def main() -> None:
    if sys.argv[1] == "build":
        build(Path(sys.argv[2]))
        print(peak_memory())
    else:
        night()


if __name__ == "__main__":
    main()
