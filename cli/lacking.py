"""Documents that the index should have and has not: it was lost, or another one answers."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from records.snapshot import snapshot

if TYPE_CHECKING:
    from cli.wiring import Container

_ONE_OF = 10


def are_many(lacking: int, documents: int) -> bool:
    """More than one of ten: fewer may be those that a restore left to be read again."""
    return lacking * _ONE_OF > documents


def lacking(container: "Container") -> tuple[int, int]:
    """How many documents the index lacks, and how many the sources have.

    Raises RetrievalError and DatabaseUnavailable.
    """
    with snapshot(container.settings.database) as rows:
        named = rows.documents()
    return still_named(container, named.keys() - container.index.documents()), len(named)


def still_named(container: "Container", documents: Collection[str]) -> int:
    """How many of these documents somebody may read; the others were removed meanwhile."""
    return len(container.sources.readers(documents))
