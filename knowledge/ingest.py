"""Reads sources and indexes their passages: read, compare, split, embed, write, record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePath
from threading import Lock
from time import perf_counter

from domain.documents import Chunk, Failure, IngestReport, Note, Source, SourceState
from domain.errors import (
    ForbiddenSource,
    GoneSource,
    IngestError,
    UnreadableSource,
    UnsupportedSource,
)
from domain.protocols import Embedder, PassageIndex, SourceLedger, Vector
from domain.questions import Audience
from knowledge.chunk import CHUNKER, embedded_text
from knowledge.files import Expanded, expand, has_a_name, is_remote, read_file
from knowledge.ingest_run import IngestProgress, IngestRun, ReadRequest, ignore
from knowledge.missing import NO_FOLDER, NO_SUCH_FOLDER, Missing, has_a_folder, inside, missing
from knowledge.readers.base import File
from knowledge.readers.reading import READER
from knowledge.reading import Readers, shared
from knowledge.sources.fetch import Fetcher

LIMIT = 50_000_000
"""The largest source that is read, in bytes."""

_BATCH = 256  # chunks embedded at a time: enough to group texts of similar length


@dataclass(frozen=True, slots=True)
class _Prepared:
    source: Source
    outcome: str
    chunks: list[Chunk]


class Ingestor:
    """Indexes sources, and records the state of each in the ledger.

    A checksum covers a source's content and the way it is split and embedded. If it is unchanged,
    the source is read but not indexed again. Reading, embedding and writing overlap in three
    threads, one batch at a time. If the process is killed, the next ingest completes the work:
    before the index is changed, the source's checksum is removed from the ledger, and chunk ids
    are the same each time.

    The ledger says who may read a source, and the index follows it. Readers are added to the
    ledger first, and removed from the index first. So after a crash between the two the index
    allows fewer readers, never more, until the next ingest compares both. After each write the
    ledger is read again, since another process may have changed it.

    ``linked`` are folders that links in an ingested folder may lead to.
    """

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        ledger: SourceLedger,
        fetcher: Fetcher | None = None,
        *,
        limit: int = LIMIT,
        linked: Iterable[Path] = (),
        readers: Readers = shared,
    ) -> None:
        self._index, self._embedder, self._ledger = index, embedder, ledger
        self._fetcher = fetcher or Fetcher(limit=limit)
        self._limit = limit
        self._readers = readers
        self._linked = [folder.resolve() for folder in linked]
        self._writing = Lock()  # two replacements of one source must not overlap

    def ingest(
        self,
        targets: Sequence[str | Path],
        audience: Audience | None,
        requested_by: str,
        *,
        confirmed: bool = False,
        now: datetime | None = None,
        progress: Callable[[IngestProgress], None] = ignore,
    ) -> IngestReport:
        """Ingests files, folders and URLs; removes files that are no longer in a known folder.

        ``audience`` is added to those who may read each source. With None, everyone may read new
        sources, and nothing changes for known ones. Sources that cannot be read are in the report's
        ``failed``; their earlier passages stay. RetrievalError and DatabaseUnavailable end the run;
        the sources that are done by then stay indexed. If more than a third of a folder's documents
        are gone, they are removed only if that is ``confirmed``. ``progress`` is called for one
        source at a time, possibly from another thread.
        """
        found = expand(targets, self._linked)
        named = (uri for uri in found.uris if uri not in found.roots)
        lost = [uri for uri in named if self._was_a_folder(uri)]
        absent = [self._missing(folder, found, confirmed) for folder in found.folders]
        gone = [uri for one in absent for uri in one.gone]
        failed = found.unreadable + tuple(failure for one in absent for failure in one.held_back)
        failed += tuple(Failure(uri, NO_SUCH_FOLDER) for uri in lost)
        jobs = [
            ReadRequest(uri, audience, requested_by, found.roots.get(uri, ""))
            for uri in found.uris
            if uri not in lost
        ]
        report = self._run(jobs, gone, now, progress)
        return replace(
            report, skipped=found.skipped + report.skipped, failed=failed + report.failed
        )

    def refresh(
        self,
        uris: Sequence[str],
        *,
        now: datetime | None = None,
        progress: Callable[[IngestProgress], None] = ignore,
    ) -> IngestReport:
        """Reads known sources again; who may read them does not change."""
        rows = {uri: self._ledger.find(uri) for uri in dict.fromkeys(uris)}
        jobs = [
            ReadRequest(uri, Audience.of(), row.requested_by)
            for uri, row in rows.items()
            if row and row.audience.labels
        ]
        report = self._run(jobs, [], now, progress)
        read = {job.uri for job in jobs}
        others = tuple(
            Failure(uri, "it was removed" if row else "it was never ingested")
            for uri, row in rows.items()
            if uri not in read
        )
        return replace(report, failed=report.failed + others)

    def ingest_one(self, source: Source, *, now: datetime | None = None) -> Source:
        """Ingests a URL or ``slack-file:ID`` that was requested from Slack; returns its new row.

        Those may read it to whom it is granted now; if that is nobody, it is removed. Paths on the
        server are refused: only people who can log in there may ingest them. Raises the same errors
        as ``ingest``.
        """
        at = now or datetime.now(UTC)
        run = IngestRun(self._ledger, at, 1, self._index.audiences([source.uri]), ignore)
        job = ReadRequest(source.uri, Audience.of(), source.requested_by)
        self._ledger.save(replace(source, state=SourceState.FETCHING, updated_at=at))
        if not is_remote(source.uri):
            run.failed(job, ForbiddenSource("files of the server are ingested on the server"))
        elif prepared := self._prepared(job, run):
            self._write([prepared], [self._embedded(prepared.chunks)], run)
        return self._ledger.find(source.uri) or source

    def remove(self, uri: str, *, now: datetime | None = None) -> int:
        """Deletes the passages of ``uri``, marks it as removed, and returns how many there were."""
        at = now or datetime.now(UTC)
        removed = self._index.remove(uri)
        self._ledger.withdraw(uri, None, at)
        self._show_to_granted(uri, at)
        return removed

    def withdraw(self, uri: str, audience: Audience, *, now: datetime | None = None) -> None:
        """Takes a source from ``audience``; if nobody else may read it, it is removed.

        After RetrievalError or DatabaseUnavailable the call may be repeated.
        """
        at = now or datetime.now(UTC)
        if not (row := self._ledger.find(uri)):
            return
        with self._writing:
            if others := row.audience.labels - audience.labels:
                self._index.set_audience(uri, Audience(others))
            else:
                self._index.remove(uri)
        self._ledger.withdraw(uri, audience, at)
        self._show_to_granted(uri, at)

    def _run(
        self,
        jobs: list[ReadRequest],
        gone: list[str],
        now: datetime | None,
        progress: Callable[[IngestProgress], None],
    ) -> IngestReport:
        began = perf_counter()
        indexed = self._index.audiences([job.uri for job in jobs if has_a_name(job.uri)])
        at = now or datetime.now(UTC)
        run = IngestRun(self._ledger, at, len(jobs) + len(gone), indexed, progress)
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
        # These come last, so that a renamed file always has passages under one of its names.
        for uri in gone:
            self.remove(uri, now=run.at)
            run.done(uri, "removed")
        return run.report(perf_counter() - began)

    def _batches(self, jobs: Iterable[ReadRequest], run: IngestRun) -> Iterator[list[_Prepared]]:
        batch: list[_Prepared] = []
        size = 0
        for job in jobs:
            if not has_a_name(job.uri):
                run.refused(job.uri)
            elif prepared := self._prepared(job, run):
                batch.append(prepared)
                size += len(prepared.chunks)
            if size >= _BATCH:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _prepared(self, job: ReadRequest, run: IngestRun) -> _Prepared | None:
        """What must be written for a source; None if nothing must be, or it failed."""
        try:
            audience = run.granted(job)
            if job.uri in run.indexed and run.indexed[job.uri] != {audience}:
                self._show_to_granted(job.uri, run.at)
            fetched = self._read(job) if audience.labels else None
            if fetched is None:
                self.remove(job.uri, now=run.at)
                run.done(job.uri, "removed")
                return None
            checksum = self._checksum(fetched)
            if run.is_unchanged(job, checksum):
                run.done(job.uri, "unchanged")
                return None
            document = self._readers.read(fetched, job.uri, audience, self._embedder.reach)
        except UnsupportedSource as e:
            run.skipped(job, e)
            return None
        except GoneSource as e:
            if run.failed_so_before(job, e):
                self.remove(job.uri, now=run.at)
                run.done(job.uri, "removed")
            else:
                run.failed(job, e)
            return None
        except IngestError as e:
            run.failed(job, e)
            return None
        except MemoryError:
            run.failed(job, UnreadableSource("there is not enough memory to read it"))
            return None
        run.notes += [Note(job.uri, text) for text in document.notes]
        row = run.row(job)
        chunks = document.chunks
        source = replace(
            row,
            title=document.title,
            checksum=checksum,
            chunks=len(chunks),
            notes="\n".join(document.notes),
        )
        return _Prepared(source, "updated" if job.uri in run.indexed else "added", chunks)

    def _read(self, job: ReadRequest) -> File | None:
        """The source's content; None if a known file no longer exists."""
        if is_remote(job.uri):
            return self._fetcher.fetch(job.uri)
        path = Path(job.uri)
        try:
            return read_file(path, self._limit, [Path(job.root or path.parent), *self._linked])
        except FileNotFoundError as e:
            row = self._ledger.find(job.uri)
            if row and not has_a_folder(path):
                raise UnreadableSource(NO_FOLDER) from e
            if row and row.state is not SourceState.REMOVED and row.chunks:
                return None
            raise UnreadableSource("there is no such file") from e

    def _checksum(self, file: File) -> str:
        made_by = [file.kind, file.charset, PurePath(file.name).suffix.lower()]
        made_by += [READER, CHUNKER, self._embedder.model]
        made = "\0".join(made_by).encode(errors="replace")
        return sha256(made + b"\0\0" + file.content).hexdigest()

    def _embedded(self, chunks: Sequence[Chunk]) -> list[Vector]:
        return self._embedder.embed_passages([embedded_text(piece) for piece in chunks])

    def _write(
        self, batch: Sequence[_Prepared], vectors: Sequence[Sequence[Vector]], run: IngestRun
    ) -> None:
        for one, its_vectors in zip(batch, vectors, strict=True):
            uri = one.source.uri
            with self._writing:
                self._ledger.save(replace(one.source, state=SourceState.FETCHING, checksum=""))
                audience = self._granted(uri)
                chunks = [replace(piece, audience=audience) for piece in one.chunks]
                self._index.replace(uri, chunks, its_vectors)
                self._ledger.save(one.source)
            if not audience.labels or self._granted(uri) != audience:
                self._show_to_granted(uri, run.at)
            run.done(uri, one.outcome, len(one.chunks))

    def _granted(self, uri: str) -> Audience:
        row = self._ledger.find(uri)
        return row.audience if row else Audience.of()

    def _show_to_granted(self, uri: str, at: datetime) -> None:
        """Copies who may read ``uri`` from the ledger to the index, until both are the same.

        If that is nobody, the passages are deleted, and the source is marked as removed.
        """
        with self._writing:
            while True:
                audience = self._granted(uri)
                indexed = self._index.audiences([uri]).get(uri)
                if indexed is None or indexed == {audience}:
                    break
                if audience.labels:
                    self._index.set_audience(uri, audience)
                else:
                    self._index.remove(uri)
            if not audience.labels:
                self._ledger.withdraw(uri, None, at)

    def _was_a_folder(self, uri: str) -> bool:
        """Whether ``uri`` does not exist, and documents are known that were in it."""
        if is_remote(uri) or Path(uri).exists():
            return False
        return bool(self._ledger.under(inside(uri)))

    def _missing(self, folder: str, found: Expanded, confirmed: bool) -> Missing:
        prefix = inside(folder)
        rows = {row.uri for row in self._ledger.under(prefix)}
        indexed = {uri for uri in self._index.sources() if uri.startswith(prefix)}
        return missing(
            folder,
            rows | indexed,
            found.uris,
            left_out=(one.source for one in found.skipped),
            unreadable=(one.source for one in found.unreadable),
            confirmed=confirmed,
        )


def _split(vectors: Sequence[Vector], batch: Sequence[_Prepared]) -> list[Sequence[Vector]]:
    parts: list[Sequence[Vector]] = []
    start = 0
    for one in batch:
        parts.append(vectors[start : start + len(one.chunks)])
        start += len(one.chunks)
    return parts
