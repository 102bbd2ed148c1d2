"""One run of an ingest: counts its results for the report, and records them in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from logging import getLogger
from threading import Lock

from domain.documents import (
    Change,
    Failure,
    IngestReport,
    KeptNarrow,
    Note,
    Skipped,
    Source,
    SourceState,
)
from domain.errors import IngestError, UnsupportedSource
from domain.labels import EVERYONE
from domain.protocols import SourceLedger
from domain.questions import Audience
from knowledge.plan import ReadRequest
from knowledge.way import Way

_log = getLogger(__name__)

KEPT_OUT = "a person removed it; adding it by itself reads it again"
FOR_FEWER = "it lies in a place that was added for fewer people, and is read with that"

ATTEMPTS = 5
"""A source that failed this often in a row becomes quarantined."""


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """One source is done: ``outcome`` is added, updated, unchanged, removed, skipped or failed.

    ``total`` may grow while sources are still being found.
    """

    source: str
    outcome: str
    done: int
    total: int


def ignore(_: IngestProgress) -> None: ...


@dataclass(slots=True)
class IngestRun:
    """The results so far; the reading and the writing thread use it.

    ``indexed`` has the documents that were in the index at the start, and who could read them: all
    of them if it ``knows_all``, else those that were looked up. ``is_dry``: nothing is written, the
    report says what would be. ``left`` are sources that are gone from their collection, while
    others have them. ``unread`` are those that failed, or are of a kind that is not read.
    """

    ledger: SourceLedger
    way: Way
    at: datetime
    progress: Callable[[IngestProgress], None] = ignore
    is_dry: bool = False
    total: int = 0
    indexed: dict[str, frozenset[Audience]] = field(default_factory=dict)
    knows_all: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    held_back: list[Failure] = field(default_factory=list)
    left_out: list[Skipped] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    kept_narrow: list[KeptNarrow] = field(default_factory=list)
    would: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    chunks: int = 0
    given_up: int = 0
    lock: Lock = field(default_factory=Lock)

    def granted(self, request: ReadRequest) -> Audience:
        """Who may read the source from now on; what a person adds for a known one is recorded.

        What a collection adds is recorded when the source is written.
        """
        row = request.known
        known = row.audience if row else Audience.of()
        is_kept = known.labels and (request.audience is None or request.for_new.labels)
        if is_kept and EVERYONE not in known.labels:
            self.kept_narrow.append(KeptNarrow(request.uri, tuple(sorted(known.labels))))
        if request.audience is None and known.labels:
            return known
        added = request.given
        is_new = row is not None and not added.labels <= known.labels
        if is_new and not request.collection and not self.is_dry:
            self.ledger.grant(request.uri, added, request.requested_by, self.at)
        return known.together_with(added)

    def row(self, request: ReadRequest) -> Source:
        """The row of a source that is indexed now."""
        before = request.known
        return Source(
            uri=request.uri,
            audience=before.audience if before else self._first_readers(request),
            state=SourceState.INDEXED,
            requested_by=request.requested_by,
            updated_at=self.at,
        )

    def failed(self, request: ReadRequest, error: IngestError) -> None:
        """Records why a source failed. Its earlier passages stay, for those who may read them.

        It becomes a member of the collection that could not read it, which gives it to nobody.
        """
        row = self.ledger.find(request.uri)
        if request.was_removed_since(row):
            self.kept_out(request)
            return
        if not self.is_dry:
            before = row or self.row(request)
            attempts = before.attempts + 1
            is_enough = attempts >= ATTEMPTS
            failed = replace(
                before,
                state=SourceState.QUARANTINED if is_enough else SourceState.FAILED,
                attempts=attempts,
                reason=error.public,
                version=self.way.stored(request.entry.version),
                updated_at=self.at,
            )
            given = Audience.of() if before.document else request.given
            joining = {(request.collection, given): [failed]} if request.collection else {}
            self.ledger.save_members([failed], joining, self.at)
        _log.info("%s was not read: %s", request.uri, error)
        self.failures.append(Failure(request.uri, str(error)))
        self.done(request.uri, "failed")

    def failed_again(self, request: ReadRequest, reason: str) -> None:
        """A source that failed too often, and that is not read again since it did not change."""
        self.failures.append(Failure(request.uri, reason))
        self.given_up += 1
        self.done(request.uri, "failed")

    @property
    def waits(self) -> bool:
        """Whether a source failed that is tried again."""
        return self.counts.get("failed", 0) > self.given_up

    def failed_so_before(self, request: ReadRequest, error: IngestError) -> bool:
        """Whether the last attempt to read a source failed for the same reason."""
        row = request.known
        if row is None or row.state not in (SourceState.FAILED, SourceState.QUARANTINED):
            return False
        return row.reason == error.public

    def skipped(self, request: ReadRequest, error: UnsupportedSource) -> None:
        """Remembers that a file is of a kind that is not read. A known source failed instead."""
        if request.known:
            self.failed(request, error)
            return
        self.left_out.append(Skipped(request.uri, error.public))
        self.unread.add(request.uri)
        self.done(request.uri, "skipped")

    def kept_out(self, request: ReadRequest) -> None:
        """A source that a person removed is not read again because of its collection."""
        self.left_out.append(Skipped(request.uri, KEPT_OUT))
        self.done(request.uri, "skipped")

    def left_to_others(self, request: ReadRequest) -> None:
        """A source that is new, and is not given to as many people as its collection is."""
        self.left_out.append(Skipped(request.uri, FOR_FEWER))
        self.done(request.uri, "skipped")

    def refused(self, uri: str, reason: str) -> None:
        """A source whose address cannot be stored: only another one would be read."""
        name = uri.encode(errors="backslashreplace").decode()
        self.failures.append(Failure(name, reason))
        self.given_up += 1
        self.done(name, "failed")

    def done(self, uri: str, outcome: str, chunks: int = 0) -> None:
        with self.lock:
            self.counts[outcome] = self.counts.get(outcome, 0) + 1
            self.chunks += chunks
            if outcome == "failed":
                self.unread.add(uri)
            if self.is_dry and outcome not in ("unchanged", "skipped"):
                self.would.append(Change(uri, outcome))
            done = sum(self.counts.values())
            self.progress(IngestProgress(uri, outcome, done, max(done, self.total)))

    def report(self, seconds: float) -> IngestReport:
        return IngestReport(
            added=self.counts.get("added", 0),
            updated=self.counts.get("updated", 0),
            unchanged=self.counts.get("unchanged", 0),
            removed=self.counts.get("removed", 0),
            failed=tuple(self.failures),
            skipped=tuple(self.left_out),
            notes=tuple(self.notes),
            kept_narrow=tuple(self.kept_narrow),
            chunks=self.chunks,
            seconds=seconds,
            would=tuple(self.would),
            held_back=tuple(self.held_back),
        )

    @staticmethod
    def _first_readers(request: ReadRequest) -> Audience:
        """A collection gives its readers to a new source when that becomes its member."""
        return Audience.of() if request.collection else request.given
