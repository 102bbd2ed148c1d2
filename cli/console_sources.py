"""What the console does with documents: the same as the commands `phi3 sources` and `ingest`.

Only addresses are read that people type, no paths: who uses the console may not read this
machine's files.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.reading import read_targets
from cli.removing import remove_target
from cli.targets import SLACK, Wanted, collection_of
from console.needs.sources import SourceNeeds
from domain.documents import Chunk, IngestReport
from domain.errors import IngestError, NotFound
from domain.questions import Audience

if TYPE_CHECKING:
    from cli.wiring import Container

UPLOADS = "uploads"
"""The folder in the home for files that people sent."""

_ADDRESSES = ("https://", "http://", "git+https://")


def source_needs(container: "Container") -> SourceNeeds:
    uploads = container.settings.home / UPLOADS

    def stored(target: str, readers: Audience, by: str, *, is_site: bool = False) -> str:
        new = collection_of(target, Wanted(readers, site=is_site), by)
        uri = container.collections.add(replace(new, next_at=datetime.now(UTC))).uri
        container.collections.make_due(uri, datetime.now(UTC))
        return uri

    def add(address: str, readers: Audience, by: str, *, is_site: bool) -> str:
        _check(address)
        return stored(address, readers, by, is_site=is_site)

    def keep(path: Path, readers: Audience, by: str) -> None:
        stored(str(path), readers, by)

    def would(address: str, is_site: bool) -> IngestReport:
        _check(address)
        report, _ = read_targets(container, [address], Wanted(site=is_site), dry_run=True)
        return report

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
            container.ingestor.refresh([uri])

    def remove(uri: str) -> str:
        removed = remove_target(container, uri)
        path = Path(uri)
        if not uri.startswith(SLACK) and path.is_relative_to(uploads):
            path.unlink(missing_ok=True)
        return removed.sentence()

    def passages(document: str) -> Iterator[Chunk]:
        return container.index.chunks(document)

    return SourceNeeds(add, keep, would, again, remove, passages, uploads)


def _check(address: str) -> None:
    """Raises IngestError for a path, also of an upload: others may have narrowed its readers."""
    if not address.startswith(_ADDRESSES):
        raise IngestError(
            "Only addresses that begin with https://, http:// or git+https:// can be added here. "
            "Files on this machine are added in the terminal: phi3 ingest PATH."
        )
