"""Keeps what was learned of a site in its folder; without it a reading only takes longer."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_FORMAT = 1
_LARGEST = 50_000_000  # bytes


def load(folder: Path, name: str) -> Any:
    """What was kept by this name, of whatever form; {} if nothing, or nothing readable, was."""
    file = folder / f"{name}.json"
    with suppress(OSError, ValueError, TypeError, KeyError):
        if file.stat().st_size <= _LARGEST:
            stored = json.loads(file.read_bytes())
            if stored["v"] == _FORMAT:
                return stored[name]
    return {}


def save(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Replaces what was kept by this name; nothing happens if the disk is full."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f"{name}.json.new"
        fresh.write_text(json.dumps({"v": _FORMAT, name: content}))
        fresh.replace(folder / f"{name}.json")
