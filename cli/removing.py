"""Removes collections and sources that are named in the terminal."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from cli.printing import count_of
from cli.targets import uri_of
from domain.collections import Collection
from domain.documents import SourceState
from domain.errors import NotFound
from domain.links import UPLOAD

if TYPE_CHECKING:
    from cli.wiring import Container

_TERMINAL = "cli:"
"""What the names of people begin with who use the terminal."""


@dataclass(frozen=True, slots=True)
class Removed:
    """``count`` are the documents that went with a collection, or the passages of one source."""

    uri: str
    kind: Literal["collection", "source"]
    count: int

    def sentence(self) -> str:
        if self.kind == "source":
            return f"{count_of(self.count, 'passage')} of {self.uri} removed"
        were = "was" if self.count == 1 else "were"
        counted = count_of(self.count, "document")
        return f"{self.uri} removed, with {counted} that {were} in no other collection"

    def row(self) -> dict[str, object]:
        of = "documents" if self.kind == "collection" else "passages"
        return {"uri": self.uri, "kind": self.kind, of: self.count}


def remove_target(container: "Container", target: str) -> Removed:
    """Removes a collection with the documents that only it has, or one source.

    After a crash it may be called again. Raises NotFound.
    """
    uri = _stored(container, target)
    if card := container.cards.of_source(uri):
        container.cards.withdraw(card.id, datetime.now(UTC))
    if collection := container.collections.find(uri):
        return Removed(uri, "collection", _remove_collection(container, collection))
    if container.sources.find(uri) is None:
        raise NotFound(f"There is no collection or source {target}.")
    return Removed(uri, "source", container.ingestor.remove(uri))


def _remove_collection(container: "Container", collection: Collection) -> int:
    """Documents that were added in the terminal before there were collections go too."""
    uri, sources = collection.uri, container.sources
    if collection.kind == UPLOAD:
        # First, since nobody would find the file any more after a crash.
        container.connectors.forget(collection)
    members = [row.uri for row in sources.members(uri).values() if row.state is not _REMOVED]
    for source in members:
        if _is_only_of_terminal(container, source, uri):
            container.ingestor.remove(source)
    container.ingestor.withdraw_collection(uri)
    container.collections.withdraw(uri)
    # A reading that ran at the same time may have found more.
    container.ingestor.withdraw_collection(uri)
    container.connectors.forget(collection)
    rows = sources.find_all(members).values()
    return len(members) - sum(row.state is not _REMOVED for row in rows)


def _is_only_of_terminal(container: "Container", source: str, collection: str) -> bool:
    """Whether only the terminal gave a source besides this collection, and no other one has it."""
    given_by = {grant.by for grant in container.grants.of(source)} - {collection}
    if not given_by or container.collections.of(source) != [collection]:
        return False
    return all(by.startswith(_TERMINAL) for by in given_by)


def _stored(container: "Container", target: str) -> str:
    """The uri of a collection or source, as it is stored."""
    if container.collections.find(target) or container.sources.find(target):
        return target
    try:
        uri = uri_of(target)
    except ValueError:
        return target
    known = container.collections.find(uri) or container.sources.find(uri)
    return uri if known else target


_REMOVED = SourceState.REMOVED
