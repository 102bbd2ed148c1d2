"""How long `phi3 --help` takes, compared with a Python process that does nothing."""

import subprocess
import sys
from statistics import median
from time import perf_counter

from bench import Figure

_ROUNDS = 9


def measure() -> list[Figure]:
    ours, bare = [], []
    for _ in range(_ROUNDS):
        ours.append(_seconds(["-m", "cli.app", "--help"]))
        bare.append(_seconds(["-c", "pass"]))
    return [
        Figure(
            "phi3 --help",
            f"{median(ours):.2f} s",
            f"python -c pass: {median(bare):.2f} s",
            f"{median(ours):.2f} s",
            "under 0.5 s",
        )
    ]


def _seconds(arguments: list[str]) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began
