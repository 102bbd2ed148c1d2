"""What the console does with documents: the same as the commands `phi3 sources` and `ingest`.

Only addresses are read that people type, no paths: who uses the console may not read this
machine's files.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from cli.console_work import Work, WorkHere, passages_of, read_again, would_read
from cli.removing import remove_target
from cli.targets import Wanted, check_kind, collection_of
from console.needs.sources import SourceNeeds
from domain.collections import EVERY, Collection
from domain.documents import Chunk, IngestReport, SourceState
from domain.errors import IngestError, NotFound
from domain.links import UPLOAD, address_of
from domain.questions import Audience

if TYPE_CHECKING:
    from cli.wiring import Container

_ADDRESSES = ("https://", "http://", "git+https://")


def source_needs(container: "Container", work: "Work | None" = None) -> SourceNeeds:
    """Without ``work`` all is done in this process."""
    work = work or WorkHere(container)

    def stored(target: str, readers: Audience | None, by: str, *, is_site: bool = False) -> str:
        new = collection_of(target, Wanted(readers, site=is_site), by)
        known = container.collections.find(new.uri)
        check_kind(new, known)
        if known and readers is None:  # as in the terminal
            new = replace(new, for_new=known.for_new)
        uri = container.collections.add(replace(new, next_at=datetime.now(UTC))).uri
        container.collections.make_due(uri, datetime.now(UTC))
        return uri

    def add(address: str, readers: Audience, by: str, *, is_site: bool, only_new: bool) -> str:
        _check(address)
        return stored(address, None if only_new else readers, by, is_site=is_site)

    def readers_of(address: str, is_site: bool) -> Audience | None:
        _check(address)
        new = collection_of(address, Wanted(site=is_site), "")
        if known := container.collections.find(new.uri):
            return known.readers
        row = container.sources.find(new.uri)
        return row.audience if row and row.state is not SourceState.REMOVED else None

    def keep(file: BinaryIO, name: str, readers: Audience, by: str, sender: str) -> str:
        from knowledge.sources.uploads import Uploads

        uri, now = Uploads(container.settings.uploads).keep(file, name, sender, readers), _now()
        made = Collection(uri, UPLOAD, readers, by, now, EVERY[UPLOAD], now, title=name)
        container.collections.add(made)
        container.collections.make_due(uri, now)
        return uri

    def would(address: str, is_site: bool) -> IngestReport:
        _check(address)
        return work.run(would_read, address, is_site)

    def again(uri: str) -> None:
        from bot.ingest.collecting import allow_again

        now = datetime.now(UTC)
        if container.collections.find(uri):
            container.collections.make_due(uri, now)
            return
        row = container.sources.find(uri)
        if row is None:
            raise NotFound(f"There is no source {uri}.")
        allow_again(container.sources, [row])
        for collection in container.collections.of(uri):
            container.collections.make_due(collection, now)
        if not container.collections.of(uri):
            work.run(read_again, uri)

    def remove(uri: str) -> str:
        removed = work.run(remove_target, uri)
        return replace(removed, uri=address_of(removed.uri)).sentence()

    def passages(document: str, first: int, most: int) -> Sequence[Chunk]:
        return work.run(passages_of, document, first, most)

    return SourceNeeds(add, readers_of, keep, would, again, remove, passages)


def _now() -> datetime:
    return datetime.now(UTC)


def _check(address: str) -> None:
    """Raises IngestError for a path, and for an upload: others may have narrowed its readers."""
    if not address.startswith(_ADDRESSES):
        raise IngestError(
            "Only addresses that begin with https://, http:// or git+https:// can be added here. "
            "Files on this machine are added in the terminal: phi3 ingest PATH."
        )
