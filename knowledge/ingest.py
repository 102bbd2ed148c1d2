"""Sources in, indexed passages out: read, compare, cut, embed, write, remember."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
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
from knowledge.extract import EXTRACTOR, extract
from knowledge.fetch import Fetched, Fetcher
from knowledge.files import expand, has_a_name, is_remote, read_file
from knowledge.ingest_run import IngestProgress, IngestRun, ReadRequest, ignore

LIMIT = 50_000_000
"""The largest source that is read, in bytes."""

_BATCH = 256  # chunks embedded at once: enough that texts of like length meet


@dataclass(frozen=True, slots=True)
class _Prepared:
    source: Source
    outcome: str
    chunks: list[Chunk]


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
        progress: Callable[[IngestProgress], None] = ignore,
    ) -> IngestReport:
        """Files, folders and URLs. A folder given again also loses what is gone from it.

        What cannot be read is in the report's ``failed``; its last passages, if any, stay. Raises
        RetrievalError and DatabaseUnavailable, which stop the run; what was done stays done.
        ``progress`` is called for one source at a time, maybe from another thread.
        """
        uris, folders = expand(targets)
        known = self._index.sources()
        gone = [uri for folder in folders for uri in self._gone(folder, uris, known)]
        jobs = [ReadRequest(uri, audience, requested_by) for uri in uris]
        return self._run(jobs, gone, known, now, progress)

    def refresh(
        self,
        uris: Sequence[str],
        *,
        now: datetime | None = None,
        progress: Callable[[IngestProgress], None] = ignore,
    ) -> IngestReport:
        """Reads known sources again, each for the audience that it had."""
        rows = {uri: self._ledger.find(uri) for uri in dict.fromkeys(uris)}
        jobs = [
            ReadRequest(uri, row.audience, row.requested_by) for uri, row in rows.items() if row
        ]
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
        run = IngestRun(self._ledger, at, 1, self._index.sources(), ignore)
        job = ReadRequest(source.uri, source.audience, source.requested_by)
        self._ledger.save(replace(source, state=SourceState.FETCHING, updated_at=at))
        if not is_remote(source.uri):
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
        jobs: list[ReadRequest],
        gone: list[str],
        known: frozenset[str],
        now: datetime | None,
        progress: Callable[[IngestProgress], None],
    ) -> IngestReport:
        began = perf_counter()
        run = IngestRun(
            self._ledger, now or datetime.now(UTC), len(jobs) + len(gone), known, progress
        )
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
        if is_remote(uri):
            return self._fetcher.fetch(uri)
        try:
            return read_file(Path(uri), self._limit)
        except FileNotFoundError as e:
            row = self._ledger.find(uri)
            if row and row.state is not SourceState.REMOVED and row.chunks:
                return None
            raise UnreadableSource("there is no such file") from e

    def _checksum(self, fetched: Fetched, audience: Audience) -> str:
        made_by = [fetched.kind, EXTRACTOR, CHUNKER, self._embedder.model, *sorted(audience.labels)]
        return sha256("\0".join(made_by).encode() + b"\0\0" + fetched.content).hexdigest()

    def _embedded(self, chunks: Sequence[Chunk]) -> list[Vector]:
        return self._embedder.embed_passages([embedded_text(piece) for piece in chunks])

    def _write(
        self, batch: Sequence[_Prepared], vectors: Sequence[Sequence[Vector]], run: IngestRun
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


def _split(vectors: Sequence[Vector], batch: Sequence[_Prepared]) -> list[Sequence[Vector]]:
    parts: list[Sequence[Vector]] = []
    start = 0
    for one in batch:
        parts.append(vectors[start : start + len(one.chunks)])
        start += len(one.chunks)
    return parts


def _removed(row: Source, at: datetime) -> Source:
    return replace(row, state=SourceState.REMOVED, checksum="", chunks=0, reason="", updated_at=at)
