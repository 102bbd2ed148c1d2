"""`make bench`: measures every figure and prints it as a row of the table in docs/measured.md.

`python -m bench NAME…` measures only these. `queries` and `console` accept the number of answers,
and `queries` the URL of a PostgreSQL server to measure besides SQLite; `scale` the numbers of
chunks, and a file to draw its times in; `events` their number; `first-chunk`, `ingest`, `sync` and
`memory` that of documents:

    python -m bench queries --answers 1000000 --postgres postgresql://user@host/name
    python -m bench scale --chunks 2000 1000000 --plot scale.svg
    python -m bench events --events 10000
    python -m bench ingest --documents 2000

`gpu` must be named: it needs an NVIDIA GPU (docs/gpu.md has what it measured). So must
`injections` and `watching`, which take minutes (docs/slack.md, docs/watching.md).

So must `vllm`, which compares the model server with vLLM on the CPU (docs/vllm.md):

    python -m bench vllm --python PYTHON

`peers` is not among these: it compares finding passages with other systems, on files and questions
of yours, and prints a table of its own (docs/retrieval.md says more):

    python -m bench peers --files FOLDER --questions FILE.jsonl --python PYTHON

`queues` simulates what teams of 10, 500 and 50,000 people need (docs/scale.md); the price is what a
GPU costs an hour:

    python -m bench queues --people 10 500 --price 2 --plot queues.svg

Nor is `canary`, which simulates trials of adapters (docs/operations.md):

    python -m bench canary --runs 1000

Nor is `full-size`, which takes a model of Phi-3.5-mini's size through the whole loop on the CPU, in
minutes and 16 GB of memory (docs/gpu.md); `--model FOLDER` takes another one:

    python -m bench full-size --home FOLDER --json

`soak` asks for an hour while parts fail, and looks whether each question is answered once
(docs/operations.md); another `--seed` lets other parts fail at other times:

    python -m bench soak --minutes 60 --rate 5 --home FOLDER

`month` simulates 20 days and nights of a team, and compares what it learns (docs/training.md),
on the examples if no `--files FOLDER` and `--questions FILE.jsonl …` are given:

    python -m bench month --home FOLDER
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from rich.console import Console

from bench import HANDBOOK, QUESTIONS, Figure
from cli.app import prepare_process
from domain.errors import Phi3Error


def _first_chunk(folder: Path, *, documents: int) -> list[Figure]:
    from bench.first_chunk import measure

    return measure(folder, documents)


def _ingest(folder: Path, *, documents: int) -> list[Figure]:
    from bench.ingest import measure

    return measure(folder, documents)


def _memory(folder: Path, *, documents: int) -> list[Figure]:
    from bench.memory import measure

    return measure(folder, documents)


def _sync(folder: Path, *, documents: int) -> list[Figure]:
    from bench.sync import measure

    return measure(folder, documents)


def _answer(folder: Path) -> list[Figure]:
    from bench.answer import measure

    return measure(folder)


def _acknowledge(folder: Path) -> list[Figure]:
    from bench.acknowledge import measure

    return measure(folder)


def _events(folder: Path, *, events: int) -> list[Figure]:
    from bench.events import measure

    return measure(folder, events)


def _server(folder: Path) -> list[Figure]:
    from bench.server import measure

    return measure(folder)


def _adapters(folder: Path) -> list[Figure]:
    from bench.adapters import measure

    return measure(folder)


def _training(folder: Path) -> list[Figure]:
    from bench.training import measure

    return measure(folder)


def _queries(folder: Path, *, answers: int, postgres: str) -> list[Figure]:
    from bench.queries import measure

    return measure(folder, answers, postgres)


def _console(folder: Path, *, answers: int) -> list[Figure]:
    from bench.console import measure
    from bench.console_memory import measure as measure_memory

    return [*measure(folder, answers), *measure_memory(folder)]


def _scale(folder: Path, *, sizes: Sequence[int], plot: Path | None = None) -> list[Figure]:
    from bench.scale import measure

    return measure(folder, sizes, plot)


def _gpu(folder: Path) -> list[Figure]:
    from bench.gpu import measure

    return measure(folder)


def _vllm(folder: Path, *, python: str) -> list[Figure]:
    from bench.vllm import measure

    return measure(folder, Path(python))


def _injections(folder: Path) -> list[Figure]:
    from bench.injections import measure

    return measure(folder)


def _watching(folder: Path) -> list[Figure]:
    from bench.watching import measure

    return measure(folder)


def _start(folder: Path) -> list[Figure]:
    from bench.start import measure

    return measure(folder)


def _peers(files: Sequence[Path], questions: Path, python: str) -> None:
    from bench.peers import Comparison

    with tempfile.TemporaryDirectory() as folder:
        for line in Comparison(Path(folder), files, questions, python).lines():
            print(line, flush=True)


def _canary(runs: int) -> None:
    from bench.canary import tables

    for line in tables(runs):
        print(line, flush=True)


def _month(files: Path, questions: Sequence[Path], home: Path, days: int | None) -> None:
    from bench.month.run import Month
    from bench.month.size import Size

    try:
        Month(files, questions, home, Size()).run(days)
    except KeyboardInterrupt:
        sys.exit("Stopped; the same command goes on with the next step.")
    except Phi3Error as error:
        sys.exit(f"{error}")
    print((home / "month.md").read_text("utf-8"))


def _soak(home: Path, minutes: float, rate: float, seed: int, postgres: str) -> None:
    from bench.soak.run import Soak

    try:
        found = Soak(home, minutes, rate, seed, postgres).run()
    except KeyboardInterrupt:
        sys.exit("Stopped; the same command goes on.")
    except Phi3Error as error:
        sys.exit(f"{error}")
    print((home / "report.md").read_text("utf-8"))
    if False in found["passed"].values():
        sys.exit(1)


def _full_size(home: Path, model: Path | None, *, as_json: bool) -> None:
    from bench.full_size import run

    try:
        run(home, model, as_json=as_json)
    except Phi3Error as error:
        sys.exit(f"{error}")


def _gate(runs: int, asked: Sequence[int]) -> None:
    from bench.gate import lines

    for line in lines(runs, asked):
        print(line, flush=True)


def _queues(
    people: Sequence[int] | None, price: float | None, plot: Path | None, *, as_json: bool
) -> None:
    from bench.needs import PEOPLE, need, table

    needs = [need(count) for count in people or PEOPLE]
    if as_json:
        print(json.dumps([asdict(one) for one in needs], indent=2))
    else:
        print("\n".join(table(needs, price)))
    if plot:
        from bench.queues_plot import draw

        draw([(one.people, one.questions_in_busiest_hour) for one in needs], plot)


_MONTH = Path(".phi3/month")
_CHUNKS = (2_000, 10_000, 100_000)

BENCHES: dict[str, Callable[[Path], list[Figure]]] = {
    "start": _start,
    "answer": _answer,
    "acknowledge": _acknowledge,
    "events": partial(_events, events=1_000),
    "queries": partial(_queries, answers=20_000, postgres=""),
    "console": partial(_console, answers=20_000),
    "scale": partial(_scale, sizes=_CHUNKS),
    "first-chunk": partial(_first_chunk, documents=140),
    "ingest": partial(_ingest, documents=140),
    "sync": partial(_sync, documents=500),
    "memory": partial(_memory, documents=500),
    "server": _server,
    "adapters": _adapters,
    "training": _training,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=1_000, metavar="COUNT")
    parser.add_argument("--postgres", default="", metavar="URL")
    parser.add_argument("--chunks", type=int, nargs="+", default=_CHUNKS, metavar="COUNT")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE.svg", help="draw the times of scale or queues"
    )
    parser.add_argument("--documents", type=int, metavar="COUNT")
    parser.add_argument("--files", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--questions", type=Path, nargs="+", metavar="FILE")
    parser.add_argument(
        "--runs", type=int, default=1_000, help="how often canary and gate simulate each"
    )
    parser.add_argument("--asked", type=int, nargs="+", default=(45,), metavar="COUNT")
    parser.add_argument("--people", type=int, nargs="+", metavar="COUNT", help="of queues")
    parser.add_argument("--price", type=float, metavar="PRICE", help="of a GPU's hour, for queues")
    parser.add_argument("--home", type=Path, metavar="FOLDER", help="of soak, month and full-size")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="the model of full-size")
    parser.add_argument("--json", action="store_true", help="print full-size or queues as JSON")
    parser.add_argument("--days", type=int, metavar="COUNT", help="how far month goes now")
    parser.add_argument("--minutes", type=float, default=60, help="of soak")
    parser.add_argument("--rate", type=float, default=5, help="of soak: questions a second")
    parser.add_argument("--seed", type=int, default=1, help="of soak")
    parser.add_argument("--python", default="", help="a Python that has the peers, or vLLM")
    chosen = parser.parse_args()
    if chosen.names == ["peers"]:
        if not (chosen.files and len(chosen.questions or ()) == 1):
            parser.error("peers needs --files, and one file of --questions")
        prepare_process()
        _peers(chosen.files, chosen.questions[0], chosen.python)
        return
    if chosen.names == ["month"]:
        if len(chosen.files or ()) > 1:
            parser.error("month takes one folder of --files")
        prepare_process()
        files = chosen.files[0] if chosen.files else HANDBOOK
        questions = chosen.questions or QUESTIONS
        _month(files, questions, chosen.home or _MONTH, chosen.days)
        return
    if chosen.names == ["soak"]:
        if not chosen.home:
            parser.error("soak needs --home")
        prepare_process()
        _soak(chosen.home, chosen.minutes, chosen.rate, chosen.seed, chosen.postgres)
        return
    if chosen.names == ["full-size"]:
        if not chosen.home:
            parser.error("full-size needs --home")
        prepare_process()
        _full_size(chosen.home.absolute(), chosen.model, as_json=chosen.json)
        return
    if chosen.names == ["queues"]:
        _queues(chosen.people, chosen.price, chosen.plot, as_json=chosen.json)
        return
    if chosen.names == ["canary"]:
        _canary(chosen.runs)
        return
    if chosen.names == ["gate"]:
        _gate(chosen.runs, chosen.asked)
        return
    names = chosen.names or list(BENCHES)
    if "vllm" in names and not chosen.python:
        parser.error("vllm needs --python")
    benches = BENCHES | {
        "gpu": _gpu,
        "injections": _injections,
        "watching": _watching,
        "vllm": partial(_vllm, python=chosen.python),
        "events": partial(_events, events=chosen.events),
        "queries": partial(_queries, answers=chosen.answers, postgres=chosen.postgres),
        "console": partial(_console, answers=chosen.answers),
        "scale": partial(_scale, sizes=chosen.chunks, plot=chosen.plot),
    }
    if unknown := set(names) - set(benches):
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(benches)}")
    if chosen.documents:
        benches |= {
            "first-chunk": partial(_first_chunk, documents=chosen.documents),
            "ingest": partial(_ingest, documents=chosen.documents),
            "sync": partial(_sync, documents=chosen.documents),
            "memory": partial(_memory, documents=chosen.documents),
        }
    prepare_process()  # as the program itself does
    console = Console(stderr=True)
    print("| figure | ours | against | result | promised |\n|---|---|---|---|---|", flush=True)
    for name in names:
        with console.status(f"Measuring {name} …"), tempfile.TemporaryDirectory() as folder:
            figures = benches[name](Path(folder))
        for figure in figures:
            cells = figure.what, figure.ours, figure.other, figure.result, figure.promise
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
