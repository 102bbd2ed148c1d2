"""Keeps where the pages of a site lead, so that those that are unchanged need not be loaded."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from knowledge.sources.kept_json import load, save

_NAME = "links"


def load_links(folder: Path) -> dict[str, tuple[str, ...]]:
    """The links by the address of their page; none if nothing, or nothing readable, was kept."""
    with suppress(TypeError, AttributeError):
        return {str(page): tuple(map(str, to)) for page, to in load(folder, _NAME).items()}
    return {}


def save_links(folder: Path, links: Mapping[str, Sequence[str]]) -> None:
    save(folder, _NAME, links)
