"""Finds the folder of an adapter whose training was killed, and can go on."""

from pathlib import Path
from time import time

HALF = ".half-"
"""What the name of an adapter's folder begins with until it is complete."""

CHECKPOINTS = "checkpoints"
"""The folder in it for how far the training has got."""

COMPLETE = "complete"
"""A file in each checkpoint that is complete."""

_DAY = 24 * 60 * 60


def unfinished(adapters: Path) -> Path | None:
    """The folder with the latest complete checkpoint; None if that is more than a day old.

    Whether it is one of the same rows, recipe and base is not looked at here.
    """
    found = [
        (file.stat().st_mtime, file.parents[2])
        for file in adapters.glob(f"{HALF}*/{CHECKPOINTS}/checkpoint-*/{COMPLETE}")
    ]
    at, folder = max(found, default=(0.0, None))
    return folder if time() - at < _DAY else None
