"""The starter adapter of SmolLM2: it answers until a night's adapter is better.

It is part of the package, so it is in no database: it is what answers if no adapter is live. It was
trained by `make starter` on the rows of `training/starter.jsonl`.
"""

from dataclasses import dataclass
from pathlib import Path

from serving.default_model import SMOLLM2

FOLDER = Path(__file__).parent
"""It contains one published adapter, whose name contains the hash of its rows."""


@dataclass(frozen=True, slots=True)
class Starter:
    """The adapter's name, and its folder in the package."""

    name: str
    folder: Path


def starter_of(model: str) -> Starter | None:
    """The starter adapter of a model; None if it has none. ``model`` is a name or a folder."""
    if Path(model).name != SMOLLM2:
        return None
    folders = sorted(path.parent for path in FOLDER.glob("*/manifest.json"))
    return Starter(folders[0].name, folders[0]) if folders else None
