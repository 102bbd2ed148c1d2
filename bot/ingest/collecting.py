"""Reads a collection, and records how far the reading is and how it ended."""

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from domain.collections import Collection, CollectionProgress, after_failure, after_reading
from domain.documents import Source, SourceState
from domain.errors import IngestError, MessengerRefused
from records.collections import Collections
from records.sources import Sources

if TYPE_CHECKING:
    from domain.documents import IngestReport
    from knowledge.ingest_run import IngestProgress
    from knowledge.sources.base import Connector

OF_SLACK = ("slack-channel:", "slack-thread:")
"""What the uris of collections begin with that only the bot reads."""

SHOWN_SECONDS = 3.0
"""How many seconds are between two times that the progress of a reading is stored and shown."""

SEEN = timedelta(minutes=5)
"""A reading whose progress is older than this has ended: no document takes as long."""


class Sync(Protocol):
    """``Ingestor.sync``."""

    def __call__(
        self,
        collection: Collection,
        connector: "Connector",
        *,
        confirmed: bool = False,
        dry_run: bool = False,
        progress: "Callable[[IngestProgress], None]" = ...,
    ) -> "IngestReport": ...


Show = Callable[[CollectionProgress], None]


@dataclass(frozen=True, slots=True)
class CollectionReader:
    """``connect`` makes the connector that reads a collection, and raises ConfigError.

    ``forget`` deletes what connectors keep of it between two readings. ``connect_changed`` makes a
    connector for what changed in it, where the messenger tells that.
    """

    collections: Collections
    sources: Sources
    sync: Sync
    connect: "Callable[[Collection], Connector]"
    forget: Callable[[Collection], None]
    connect_changed: "Callable[[Collection, str], Connector] | None" = None

    def read(
        self,
        collection: Collection,
        *,
        confirmed: bool = False,
        progress: "Callable[[IngestProgress], None] | None" = None,
        show: Show | None = None,
    ) -> "IngestReport":
        """Reads what has changed in a stored collection.

        ``progress`` is called for each document, and may raise an error to stop the reading;
        ``show`` is called every few seconds. If the collection as a whole cannot be read, that is
        recorded before IngestError or MessengerRefused is raised. After other errors nothing is
        recorded, so that it is read again.
        """
        shown = _Progress(collection.uri, self.collections, progress, show)
        shown.begin()
        try:
            report = self.sync(
                collection, self.connect(collection), confirmed=confirmed, progress=shown.step
            )
        except (IngestError, MessengerRefused) as error:
            self.failed(collection, error.public)
            raise
        held_back = next((one.reason for one in report.held_back), "")
        if not held_back and any(one.source == collection.uri for one in report.failed):
            self.failed(collection, self._reason(collection), report.not_before)
        else:
            now, not_before = datetime.now(UTC), report.not_before
            after = after_reading(collection, now, report.cursor, held_back, not_before)
            self.collections.record(collection, after)
        return report

    def follow(self, collection: Collection, changed: str) -> None:
        """Reads only what ``changed``; nothing is recorded of the collection.

        Raises IngestError, MessengerError, and what syncing raises.
        """
        if self.connect_changed:
            self.sync(collection, self.connect_changed(collection, changed))

    def failed(
        self, collection: Collection, reason: str, not_before: datetime | None = None
    ) -> None:
        """Records that a reading failed; the next one is not due before ``not_before``."""
        after = after_failure(collection, datetime.now(UTC), reason, not_before)
        self.collections.record(collection, after)

    def _reason(self, collection: Collection) -> str:
        """Why a collection that is one document, or the list of a collection, failed."""
        row = self.sources.find(collection.uri)
        return (row.reason if row else "") or "its documents could not be listed to the end"

    def dry_run(
        self, collection: Collection, progress: "Callable[[IngestProgress], None] | None" = None
    ) -> "IngestReport":
        """What a reading would do; it changes nothing. The collection need not be stored.

        What was loaded of one that is not stored, such as a repository, is deleted.
        """
        try:
            connector = self.connect(collection)
            show = progress or _ignore
            return self.sync(collection, connector, dry_run=True, progress=show)
        finally:
            if self.collections.find(collection.uri) is None:
                self.forget(collection)


def to_confirm(collection: Collection) -> str:
    """What to do so that what is held back is removed, for the terminal and the log."""
    if collection.uri.startswith(OF_SLACK):
        return "press the button of its report in Slack"
    return f"phi3 sources refresh {shlex.quote(collection.uri)} --confirm"


def allow_again(sources: Sources, rows: Iterable[Source]) -> None:
    """Lets documents be read again that failed too often, although they did not change."""
    for row in rows:
        if row.state in (SourceState.FAILED, SourceState.QUARANTINED):
            sources.save(replace(row, state=SourceState.FAILED, attempts=0, version=""))


def _ignore(_step: "IngestProgress") -> None: ...


class _Progress:
    """Passes the progress on, and stores and shows it every few seconds."""

    def __init__(
        self,
        uri: str,
        collections: Collections,
        passed_on: "Callable[[IngestProgress], None] | None",
        show: Show | None,
    ) -> None:
        self._uri = uri
        self._collections = collections
        self._passed_on = passed_on
        self._show = show
        self._began_at = datetime.now(UTC)
        self._shown = monotonic()

    def begin(self) -> None:
        self._collections.show_progress(self._now(0, 0))

    def step(self, step: "IngestProgress") -> None:
        if self._passed_on:
            self._passed_on(step)
        if monotonic() - self._shown < SHOWN_SECONDS:
            return
        now = self._now(step.done, step.total)
        self._collections.show_progress(now)
        if self._show:
            self._show(now)
        self._shown = monotonic()

    def _now(self, done: int, total: int) -> CollectionProgress:
        return CollectionProgress(self._uri, self._began_at, datetime.now(UTC), done, total)
