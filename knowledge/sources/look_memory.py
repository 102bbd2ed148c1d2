"""Keeps when each page of a site was asked for, so that every one is looked at in its turn."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from knowledge.sources.kept_json import load, save

_NAME = "looks"


class Look(NamedTuple):
    """The ``day`` as an ordinal, and the ``digest`` of what was there; empty if it failed."""

    day: int
    digest: str


def load_looks(folder: Path) -> dict[str, Look]:
    """The last look at each address; none if nothing, or nothing readable, was kept."""
    with suppress(ValueError, TypeError, AttributeError):
        return {
            str(page): Look(int(day), str(digest))
            for page, (day, digest) in load(folder, _NAME).items()
        }
    return {}


def save_looks(folder: Path, looks: Mapping[str, Look]) -> None:
    save(folder, _NAME, looks)
