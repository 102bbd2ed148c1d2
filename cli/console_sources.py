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

    def add(target: str, readers: Audience, by: str, *, is_site: bool) -> str:
        _check(target, uploads)
        new = collection_of(target, Wanted(readers, site=is_site), by)
        stored = container.collections.add(replace(new, next_at=datetime.now(UTC)))
        container.collections.make_due(stored.uri, datetime.now(UTC))
        return stored.uri

    def would(target: str, is_site: bool) -> IngestReport:
        _check(target, uploads)
        report, _ = read_targets(container, [target], Wanted(site=is_site), dry_run=True)
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

    return SourceNeeds(add, would, again, remove, passages, uploads)


def _check(target: str, uploads: Path) -> None:
    """Raises IngestError for what is no address and was not uploaded."""
    if target.startswith(_ADDRESSES) or Path(target).is_relative_to(uploads):
        return
    raise IngestError(
        "Only addresses that begin with https://, http:// or git+https:// can be added here. Files "
        "on this machine are added in the terminal: phi3 ingest PATH."
    )
