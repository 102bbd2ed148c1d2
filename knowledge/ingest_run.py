"""One run of an ingest: counts its results for the report, and records them in the ledger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from logging import getLogger
from threading import Lock

from domain.documents import Failure, IngestReport, KeptNarrow, Note, Skipped, Source, SourceState
from domain.errors import IngestError, UnsupportedSource
from domain.labels import EVERYONE
from domain.protocols import SourceLedger
from domain.questions import Audience

_log = getLogger(__name__)

ATTEMPTS = 5
"""A source that failed this often in a row becomes quarantined."""


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """One source is done: ``outcome`` is added, updated, unchanged, removed or failed."""

    source: str
    outcome: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A source to read. ``audience`` is added to those who may read it.

    With None, everyone may read a new source, and nothing changes for a known one. ``root`` is the
    folder in which a file was found, or empty.
    """

    uri: str
    audience: Audience | None
    requested_by: str
    root: str = ""


def ignore(_: IngestProgress) -> None: ...


@dataclass(slots=True)
class IngestRun:
    """The results so far; the reading and the writing thread use it.

    ``indexed`` has the audiences that the sources' passages had in the index at the start.
    """

    ledger: SourceLedger
    at: datetime
    total: int
    indexed: Mapping[str, frozenset[Audience]]
    progress: Callable[[IngestProgress], None]
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    left_out: list[Skipped] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    kept_narrow: list[KeptNarrow] = field(default_factory=list)
    chunks: int = 0
    lock: Lock = field(default_factory=Lock)

    def granted(self, job: ReadRequest) -> Audience:
        """Records new readers of a known source; returns who may read the source from now on."""
        row = self.ledger.find(job.uri)
        known = row.audience if row else Audience.of()
        if job.audience is None and known.labels:
            if EVERYONE not in known.labels:
                self.kept_narrow.append(KeptNarrow(job.uri, tuple(sorted(known.labels))))
            return known
        added = _added(job)
        if row and not added.labels <= known.labels:
            self.ledger.grant(job.uri, added, job.requested_by, self.at)
        return known.together_with(added)

    def row(self, job: ReadRequest) -> Source:
        """The row of a source that is indexed now."""
        before = self.ledger.find(job.uri)
        return Source(
            uri=job.uri,
            audience=before.audience if before else _added(job),
            state=SourceState.INDEXED,
            requested_by=job.requested_by,
            updated_at=self.at,
        )

    def is_unchanged(self, job: ReadRequest, checksum: str) -> bool:
        row = self.ledger.find(job.uri)
        if not row or row.checksum != checksum or bool(row.chunks) != (job.uri in self.indexed):
            return False
        if row.state is not SourceState.INDEXED:
            self.ledger.save(
                replace(row, state=SourceState.INDEXED, reason="", attempts=0, updated_at=self.at)
            )
        return True

    def failed(self, job: ReadRequest, error: IngestError) -> None:
        """Records why a source failed. Its earlier passages stay in the index."""
        before = self.ledger.find(job.uri) or self.row(job)
        attempts = before.attempts + 1
        state = SourceState.QUARANTINED if attempts >= ATTEMPTS else SourceState.FAILED
        self.ledger.save(
            replace(before, state=state, attempts=attempts, reason=error.public, updated_at=self.at)
        )
        _log.info("%s was not read: %s", job.uri, error)
        self.failures.append(Failure(job.uri, str(error)))
        self.done(job.uri, "failed")

    def failed_so_before(self, job: ReadRequest, error: IngestError) -> bool:
        """Whether the last attempt to read a source failed for the same reason."""
        row = self.ledger.find(job.uri)
        failed = row is not None and row.state in (SourceState.FAILED, SourceState.QUARANTINED)
        return failed and row is not None and row.reason == error.public

    def skipped(self, job: ReadRequest, error: UnsupportedSource) -> None:
        """Remembers that a file is of a kind that is not read. A known source failed instead."""
        if self.ledger.find(job.uri):
            self.failed(job, error)
            return
        self.left_out.append(Skipped(job.uri, error.public))
        self.done(job.uri, "skipped")

    def refused(self, uri: str) -> None:
        name = uri.encode(errors="backslashreplace").decode()
        self.failures.append(Failure(name, "its name is not valid UTF-8: rename it"))
        self.done(name, "failed")

    def done(self, uri: str, outcome: str, chunks: int = 0) -> None:
        with self.lock:
            self.counts[outcome] = self.counts.get(outcome, 0) + 1
            self.chunks += chunks
            self.progress(IngestProgress(uri, outcome, sum(self.counts.values()), self.total))

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
        )


def _added(job: ReadRequest) -> Audience:
    return Audience.everyone() if job.audience is None else job.audience
