"""Keeps where the pages of a site lead, so that those that are unchanged need not be loaded."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_FORMAT = 1
_LARGEST = 50_000_000  # bytes


def load_links(folder: Path) -> dict[str, tuple[str, ...]]:
    """The links by the address of their page; none if nothing, or nothing readable, was kept."""
    file = folder / "links.json"
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        if file.stat().st_size <= _LARGEST:
            stored = json.loads(file.read_bytes())
            if stored["v"] == _FORMAT:
                return {str(page): tuple(map(str, to)) for page, to in stored["links"].items()}
    return {}


def save_links(folder: Path, links: Mapping[str, Sequence[str]]) -> None:
    """Replaces what was kept; a disk that is full only makes the next reading longer."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / "links.json.new"
        fresh.write_text(json.dumps({"v": _FORMAT, "links": links}))
        fresh.replace(folder / "links.json")
