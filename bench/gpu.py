"""The project on a GPU, with a model of Phi-3.5-mini's size and random weights.

Each part runs in a process of its own, since a process does not give back all its GPU memory. A
part prints its figures as lines of JSON.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from bench import Figure
from bench.random_models import PHI3_SIZE

_PARTS = ("random_models", "gpu_managers", "gpu_server", "gpu_training", "gpu_embedding")


def measure(folder: Path) -> list[Figure]:
    from serving.default_model import PHI3, default_model

    if default_model() != PHI3:
        sys.exit("gpu needs an NVIDIA GPU, and a torch that computes on it.")
    return [
        Figure(**json.loads(line)) for part in _PARTS for line in _run(part, folder).splitlines()
    ]


def _run(part: str, folder: Path) -> str:
    settings = {"PHI3_HOME": folder / "home", "PHI3_MODEL": folder / PHI3_SIZE}
    program = ["env", *(f"{name}={of}" for name, of in settings.items()), sys.executable]
    command = [*program, "-m", f"bench.{part}", str(folder)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def report(what: str, ours: str, other: str = "–", result: str = "", promise: str = "–") -> None:
    """Prints a figure for `measure`."""
    print(json.dumps(asdict(Figure(what, ours, other, result or ours, promise))), flush=True)


def used_gigabytes() -> float:
    """The memory that all processes together hold on the first GPU."""
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    return int(subprocess.check_output(command, text=True).splitlines()[0]) * 2**20 / 1e9
