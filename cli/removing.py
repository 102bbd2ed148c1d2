"""Removes collections and sources that are named in the terminal."""

from typing import TYPE_CHECKING

from cli.targets import uri_of
from domain.collections import Collection
from domain.documents import SourceState
from domain.errors import NotFound

if TYPE_CHECKING:
    from cli.wiring import Container

_TERMINAL = "cli:"
"""What the names of people begin with who use the terminal."""


def remove_target(container: "Container", target: str) -> str:
    """Removes a collection with the documents that only it has, or one source; returns a sentence.

    After a crash it may be called again. Raises NotFound.
    """
    uri = _stored(container, target)
    if collection := container.collections.find(uri):
        removed = _remove_collection(container, collection)
        counted = "1 document that was" if removed == 1 else f"{removed:,} documents that were"
        return f"{uri} removed, with {counted} in no other collection"
    if container.sources.find(uri) is None:
        raise NotFound(f"There is no collection or source {target}.")
    return f"{container.ingestor.remove(uri)} passages of {uri} removed"


def _remove_collection(container: "Container", collection: Collection) -> int:
    """Documents that were added in the terminal before there were collections go too."""
    uri, sources = collection.uri, container.sources
    members = [row.uri for row in sources.members(uri).values() if row.state is not _REMOVED]
    for source in members:
        if _is_only_in(container, source, uri):
            container.ingestor.remove(source)
    container.ingestor.withdraw_collection(uri)
    container.collections.withdraw(uri)
    # A reading that ran at the same time may have found more.
    container.ingestor.withdraw_collection(uri)
    container.connectors.forget(collection)
    rows = map(sources.find, members)
    return sum(row is None or row.state is _REMOVED for row in rows)


def _is_only_in(container: "Container", source: str, collection: str) -> bool:
    """Whether no other collection has a source, and nobody in Slack was given it by itself."""
    if container.collections.of(source) != [collection]:
        return False
    given_by = {grant.by for grant in container.grants.of(source)}
    return all(by == collection or by.startswith(_TERMINAL) for by in given_by)


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
