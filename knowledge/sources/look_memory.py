"""Keeps when each page of a site was asked for, so that every one is looked at in its turn."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_FORMAT = 1
_LARGEST = 50_000_000  # bytes


class Look(NamedTuple):
    """The ``day`` as an ordinal, and the ``digest`` of what was there; empty if it failed."""

    day: int
    digest: str


def load_looks(folder: Path) -> dict[str, Look]:
    """The last look at each address; none if nothing, or nothing readable, was kept."""
    file = folder / "looks.json"
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        if file.stat().st_size <= _LARGEST:
            stored = json.loads(file.read_bytes())
            if stored["v"] == _FORMAT:
                return {
                    str(page): Look(int(day), str(digest))
                    for page, (day, digest) in stored["looks"].items()
                }
    return {}


def save_looks(folder: Path, looks: Mapping[str, Look]) -> None:
    """Replaces what was kept; a disk that is full only makes the next reading longer."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / "looks.json.new"
        fresh.write_text(json.dumps({"v": _FORMAT, "looks": looks}))
        fresh.replace(folder / "looks.json")
