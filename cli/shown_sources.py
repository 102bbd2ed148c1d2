"""The passages of each source, as they are in the index."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.targets import uri_of
from domain.documents import Source, SourceState
from domain.errors import NotFound

if TYPE_CHECKING:
    from cli.wiring import Container


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """``where`` is its place in the document; None if that is not known."""

    id: str
    title: str
    text: str
    where: str | None


@dataclass(frozen=True, slots=True)
class ShownSource:
    """``audiences`` are the labels of all who may read it.

    ``notes`` are sentences for people, such as why it, or a part of it, could not be read.
    """

    source: str
    title: str
    state: SourceState
    audiences: list[str]
    notes: list[str]
    passages: list[ShownPassage]


def shown_sources(container: "Container", uris: Sequence[str]) -> Iterator[ShownSource]:
    """Yields the sources one at a time; by default all that were ever requested.

    Raises NotFound at once, RetrievalError later.
    """
    rows = [_found(container, uri) for uri in uris] if uris else container.sources.all()
    return (_shown(container, row) for row in rows)


def _found(container: "Container", uri: str) -> Source:
    row = container.sources.find(uri)
    if row is None:
        with suppress(ValueError):
            row = container.sources.find(uri_of(uri))
    if row is None:
        raise NotFound(f"There is no source {uri}; `phi3 sources list --json` names all.")
    return row


def _shown(container: "Container", row: Source) -> ShownSource:
    passages = [
        ShownPassage(chunk.id, chunk.title, chunk.text, chunk.where.label or None)
        for chunk in container.index.chunks(row.document)
    ]
    labels = sorted(row.audience.labels)
    notes = [*filter(None, [row.reason]), *row.notes.splitlines()]
    return ShownSource(row.uri, row.title, row.state, labels, notes, passages)
