"""Sources in, indexed passages out: read, compare, cut, embed, write, remember."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import perf_counter

from domain.documents import Chunk, Failure, IngestReport, Source, SourceState
from domain.errors import ForbiddenSource, IngestError, UnreadableSource
from domain.protocols import Embedder, PassageIndex, SourceLedger, Vector
from domain.questions import Audience
from knowledge.chunk import CHUNKER, chunk, embedded_text
from knowledge.extract import EXTRACTOR, extract, media_type
from knowledge.fetch import SLACK_FILE, Fetched, Fetcher, too_large

LIMIT = 50_000_000
"""The largest source that is read, in bytes."""

ATTEMPTS = 5
"""A source that failed so often in a row is set aside: its state says quarantined."""

_BATCH = 256  # chunks embedded at once: enough that texts of like length meet


@dataclass(frozen=True, slots=True)
class Progress:
    """One source is done: ``outcome`` is added, updated, unchanged, removed or failed."""

    source: str
    outcome: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class _Job:
    uri: str
    audience: Audience
    requested_by: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    source: Source
    outcome: str
    chunks: list[Chunk]


def _ignore(_: Progress) -> None: ...


class Ingestor:
    """Brings sources into the index, and keeps the ledger of what became of each.

    A source is compared by the checksum of its content and of how it is cut and embedded: equal
    ones cost a read. Reading, embedding and writing overlap in three threads, a batch at a time.
    Killed at any point, the next ingest completes what is missing: before an index is touched the
    source's checksum is struck from the ledger, and chunk ids are the same each time.
    """

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        ledger: SourceLedger,
        fetcher: Fetcher | None = None,
        *,
        limit: int = LIMIT,
    ) -> None:
        self._index, self._embedder, self._ledger = index, embedder, ledger
        self._fetcher = fetcher or Fetcher(limit=limit)
        self._limit = limit
        self._writing = Lock()  # two replacements of one source must not mix

    def ingest(
        self,
        targets: Sequence[str | Path],
        audience: Audience,
        requested_by: str,
        *,
        now: datetime | None = None,
        progress: Callable[[Progress], None] = _ignore,
    ) -> IngestReport:
        """Files, folders and URLs. A folder given again also loses what is gone from it.

        What cannot be read is in the report's ``failed``; its last passages, if any, stay. Raises
        RetrievalError and DatabaseUnavailable, which stop the run; what was done stays done.
        ``progress`` is called for one source at a time, maybe from another thread.
        """
        uris, folders = _expand(targets)
        known = self._index.sources()
        gone = [uri for folder in folders for uri in self._gone(folder, uris, known)]
        jobs = [_Job(uri, audience, requested_by) for uri in uris]
        return self._run(jobs, gone, known, now, progress)

    def refresh(
        self,
        uris: Sequence[str],
        *,
        now: datetime | None = None,
        progress: Callable[[Progress], None] = _ignore,
    ) -> IngestReport:
        """Reads known sources again, each for the audience that it had."""
        rows = {uri: self._ledger.find(uri) for uri in dict.fromkeys(uris)}
        jobs = [_Job(uri, row.audience, row.requested_by) for uri, row in rows.items() if row]
        unknown = tuple(
            Failure(uri, "it was never ingested") for uri, row in rows.items() if not row
        )
        report = self._run(jobs, [], self._index.sources(), now, progress)
        return replace(report, failed=report.failed + unknown)

    def ingest_one(self, source: Source, *, now: datetime | None = None) -> Source:
        """One source that was requested from Slack, a URL or ``slack-file:ID``; its row afterwards.

        Paths on the server are refused: they are for whoever may log in there. Raises as ingest.
        """
        at = now or datetime.now(UTC)
        run = _Run(self._ledger, at, 1, self._index.sources(), _ignore)
        job = _Job(source.uri, source.audience, source.requested_by)
        self._ledger.save(replace(source, state=SourceState.FETCHING, updated_at=at))
        if not _is_remote(source.uri):
            run.failed(job, ForbiddenSource("files of the server are ingested on the server"))
        elif prepared := self._prepared(job, run):
            self._write([prepared], [self._embedded(prepared.chunks)], run)
        return self._ledger.find(source.uri) or source

    def remove(self, uri: str, *, now: datetime | None = None) -> int:
        """Deletes the passages of ``uri``, says how many there were, and marks it as removed."""
        removed = self._index.remove(uri)
        if row := self._ledger.find(uri):
            self._ledger.save(_removed(row, now or datetime.now(UTC)))
        return removed

    def _run(
        self,
        jobs: list[_Job],
        gone: list[str],
        known: frozenset[str],
        now: datetime | None,
        progress: Callable[[Progress], None],
    ) -> IngestReport:
        began = perf_counter()
        run = _Run(self._ledger, now or datetime.now(UTC), len(jobs) + len(gone), known, progress)
        with ThreadPoolExecutor(2, "ingest") as pool:
            batches = self._batches(jobs, run)
            coming = pool.submit(next, batches, None)
            written: Future[None] | None = None
            while batch := coming.result():
                coming = pool.submit(next, batches, None)
                vectors = self._embedded([piece for one in batch for piece in one.chunks])
                if written:
                    written.result()
                written = pool.submit(self._write, batch, _split(vectors, batch), run)
            if written:
                written.result()
        # Last, so that a file that was renamed is never without passages.
        for uri in gone:
            self.remove(uri, now=run.at)
            run.done(uri, "removed")
        return run.report(perf_counter() - began)

    def _batches(self, jobs: Iterable[_Job], run: "_Run") -> Iterator[list[_Prepared]]:
        batch: list[_Prepared] = []
        size = 0
        for job in jobs:
            if not _has_a_name(job.uri):
                run.refused(job.uri)
            elif prepared := self._prepared(job, run):
                batch.append(prepared)
                size += len(prepared.chunks)
            if size >= _BATCH:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _prepared(self, job: _Job, run: "_Run") -> _Prepared | None:
        """What is to be written for a source; None where there is nothing, or it failed."""
        try:
            fetched = self._read(job.uri)
            if fetched is None:
                self.remove(job.uri, now=run.at)
                run.done(job.uri, "removed")
                return None
            checksum = self._checksum(fetched, job.audience)
            if run.is_unchanged(job, checksum):
                run.done(job.uri, "unchanged")
                return None
            document = extract(fetched.content, fetched.kind, job.uri)
            chunks = chunk(document, job.audience)
        except IngestError as e:
            run.failed(job, e)
            return None
        row = run.row(job)
        source = replace(row, title=document.title, checksum=checksum, chunks=len(chunks))
        return _Prepared(source, "updated" if job.uri in run.known else "added", chunks)

    def _read(self, uri: str) -> Fetched | None:
        """None where a file that was known is gone."""
        if _is_remote(uri):
            return self._fetcher.fetch(uri)
        path = Path(uri)
        try:
            about = path.stat()
            kind = media_type(path.name)
            if not stat.S_ISREG(about.st_mode):
                raise UnreadableSource("it is not a file")
            if about.st_size > self._limit:
                raise too_large(self._limit)
            return Fetched(path.read_bytes(), kind)
        except FileNotFoundError as e:
            row = self._ledger.find(uri)
            if row and row.state is not SourceState.REMOVED and row.chunks:
                return None
            raise UnreadableSource("there is no such file") from e
        except (OSError, ValueError) as e:
            reason = getattr(e, "strerror", None) or str(e)
            raise UnreadableSource(f"it cannot be read: {reason}") from e

    def _checksum(self, fetched: Fetched, audience: Audience) -> str:
        made_by = [fetched.kind, EXTRACTOR, CHUNKER, self._embedder.model, *sorted(audience.labels)]
        return sha256("\0".join(made_by).encode() + b"\0\0" + fetched.content).hexdigest()

    def _embedded(self, chunks: Sequence[Chunk]) -> list[Vector]:
        return self._embedder.embed_passages([embedded_text(piece) for piece in chunks])

    def _write(
        self, batch: Sequence[_Prepared], vectors: Sequence[Sequence[Vector]], run: "_Run"
    ) -> None:
        for one, its_vectors in zip(batch, vectors, strict=True):
            with self._writing:
                self._ledger.save(replace(one.source, state=SourceState.FETCHING, checksum=""))
                self._index.replace(one.source.uri, one.chunks, its_vectors)
                self._ledger.save(one.source)
            run.done(one.source.uri, one.outcome, len(one.chunks))

    def _gone(self, folder: str, uris: Iterable[str], known: frozenset[str]) -> list[str]:
        prefix = folder.rstrip(os.sep) + os.sep
        rows = {row.uri for row in self._ledger.under(prefix)}
        return sorted((rows | {uri for uri in known if uri.startswith(prefix)}) - set(uris))


@dataclass(slots=True)
class _Run:
    """What happened so far; used by the reading and the writing thread."""

    ledger: SourceLedger
    at: datetime
    total: int
    known: frozenset[str]
    progress: Callable[[Progress], None]
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    chunks: int = 0
    lock: Lock = field(default_factory=Lock)

    def row(self, job: _Job) -> Source:
        """The row of a source that is indexed now; its address to report at is kept."""
        before = self.ledger.find(job.uri)
        return Source(
            uri=job.uri,
            audience=job.audience,
            state=SourceState.INDEXED,
            requested_by=job.requested_by,
            updated_at=self.at,
            reply_to=before.reply_to if before else "",
        )

    def is_unchanged(self, job: _Job, checksum: str) -> bool:
        row = self.ledger.find(job.uri)
        if not row or row.checksum != checksum or job.uri not in self.known:
            return False
        if row.state is not SourceState.INDEXED:
            self.ledger.save(
                replace(row, state=SourceState.INDEXED, reason="", attempts=0, updated_at=self.at)
            )
        return True

    def failed(self, job: _Job, error: IngestError) -> None:
        """Remembers why. The last passages of the source, if any, stay, and so does their row."""
        before = self.ledger.find(job.uri) or self.row(job)
        attempts = before.attempts + 1
        state = SourceState.QUARANTINED if attempts >= ATTEMPTS else SourceState.FAILED
        self.ledger.save(
            replace(before, state=state, attempts=attempts, reason=str(error), updated_at=self.at)
        )
        self.failures.append(Failure(job.uri, str(error)))
        self.done(job.uri, "failed")

    def refused(self, uri: str) -> None:
        name = uri.encode(errors="backslashreplace").decode()
        self.failures.append(Failure(name, "its name is not valid UTF-8: rename it"))
        self.done(name, "failed")

    def done(self, uri: str, outcome: str, chunks: int = 0) -> None:
        with self.lock:
            self.counts[outcome] = self.counts.get(outcome, 0) + 1
            self.chunks += chunks
            self.progress(Progress(uri, outcome, sum(self.counts.values()), self.total))

    def report(self, seconds: float) -> IngestReport:
        return IngestReport(
            added=self.counts.get("added", 0),
            updated=self.counts.get("updated", 0),
            unchanged=self.counts.get("unchanged", 0),
            removed=self.counts.get("removed", 0),
            failed=tuple(self.failures),
            chunks=self.chunks,
            seconds=seconds,
        )


def _is_remote(uri: str) -> bool:
    return "://" in uri or uri.startswith(SLACK_FILE)


def _has_a_name(uri: str) -> bool:
    """Whether ``uri`` can be written down: names of files may be any bytes."""
    try:
        return bool(uri.encode())
    except UnicodeEncodeError:
        return False


def _expand(targets: Iterable[str | Path]) -> tuple[list[str], list[str]]:
    """The sources that ``targets`` name, each once, and which of the targets are folders."""
    uris: list[str] = []
    folders: list[str] = []
    for target in targets:
        if _is_remote(str(target)):
            uris.append(str(target))
            continue
        path = Path(target).expanduser().resolve()
        if path.is_dir():
            folders.append(str(path))
            uris += _files(path)
        else:
            uris.append(str(path))
    return list(dict.fromkeys(uris)), folders


def _files(folder: Path) -> Iterator[str]:
    """The files under ``folder``, in order, without hidden ones and what Office leaves behind."""
    for inside, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield str(Path(inside, name))


def _split(vectors: Sequence[Vector], batch: Sequence[_Prepared]) -> list[Sequence[Vector]]:
    parts: list[Sequence[Vector]] = []
    start = 0
    for one in batch:
        parts.append(vectors[start : start + len(one.chunks)])
        start += len(one.chunks)
    return parts


def _removed(row: Source, at: datetime) -> Source:
    return replace(row, state=SourceState.REMOVED, checksum="", chunks=0, reason="", updated_at=at)
