"""`make bench`: measures every figure and prints it as a row of the README's table.

`python -m bench NAME…` measures only those.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import Figure


def _ingest(folder: Path) -> list[Figure]:
    from bench.ingest import measure

    return measure(folder)


def _answer(folder: Path) -> list[Figure]:
    from bench.answer import measure

    return measure(folder)


def _acknowledge(folder: Path) -> list[Figure]:
    from bench.acknowledge import measure

    return measure(folder)


def _server(folder: Path) -> list[Figure]:
    from bench.server import measure

    return measure(folder)


def _training(folder: Path) -> list[Figure]:
    from bench.training import measure

    return measure(folder)


def _start(_: Path) -> list[Figure]:
    from bench.start import measure

    return measure()


BENCHES: dict[str, Callable[[Path], list[Figure]]] = {
    "start": _start,
    "answer": _answer,
    "acknowledge": _acknowledge,
    "ingest": _ingest,
    "server": _server,
    "training": _training,
}


def main() -> None:
    names = sys.argv[1:] or list(BENCHES)
    if unknown := set(names) - set(BENCHES):
        raise SystemExit(f"bench: no {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    console = Console(stderr=True)
    print("| figure | ours | against | result | promised |\n|---|---|---|---|---|", flush=True)
    for name in names:
        with console.status(f"Measuring {name} …"), tempfile.TemporaryDirectory() as folder:
            figures = BENCHES[name](Path(folder))
        for figure in figures:
            cells = figure.what, figure.ours, figure.other, figure.result, figure.promise
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
