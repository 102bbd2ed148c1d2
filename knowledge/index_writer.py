"""Writes passages to the index, and what is known of their sources to the ledger, in safe order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from domain.documents import Chunk, Source, SourceState
from domain.protocols import PassageIndex, SourceLedger, Vector
from domain.questions import Audience
from knowledge.ingest_run import IngestRun
from knowledge.plan import ReadRequest


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source of which something must be written: its row, its readers or its passages.

    ``source`` is its new row. ``chunks`` is None if its passages stay as they are.
    """

    request: ReadRequest
    source: Source
    outcome: str
    chunks: list[Chunk] | None = None

    @property
    def size(self) -> int:
        return len(self.chunks or ())


class IndexWriter:
    """Keeps the index as the ledger says. Several threads may use it.

    If the process is killed, the next ingest completes the work: before the index is changed, the
    source's checksum is removed from the ledger, and chunk ids are the same each time.

    The ledger says who may read a source, and the index follows it. Readers are added to the
    ledger first, and removed from the index first. So after a crash between the two the index
    allows fewer readers, never more, until the next ingest compares both. After each write the
    ledger is read again, since another process may have changed it.
    """

    def __init__(self, index: PassageIndex, ledger: SourceLedger) -> None:
        self._index, self._ledger = index, ledger
        self._writing = Lock()  # two replacements of one source must not overlap

    def write(
        self, batch: Sequence[Prepared], vectors: Sequence[Sequence[Vector]], run: IngestRun
    ) -> None:
        with self._writing:
            self._ledger.save_all([_begun(one) for one in batch if one.chunks is not None])
            for (collection, given), rows in _joining(batch).items():
                self._ledger.join(collection, rows, given, run.at)
            shown: dict[str, Audience] = {}
            for one, its_vectors in zip(batch, vectors, strict=True):
                if one.chunks is not None:
                    uri = one.source.uri
                    shown[uri] = audience = self._granted(uri)
                    chunks = [replace(piece, audience=audience) for piece in one.chunks]
                    self._index.replace(uri, chunks, its_vectors)
            self._ledger.save_all([one.source for one in batch])
        for one in batch:
            uri, granted = one.source.uri, self._granted(one.source.uri)
            in_index = {shown[uri]} if uri in shown else run.indexed.get(uri)
            if not granted.labels or in_index != {granted}:
                self.show_to_granted(uri, run.at)
            run.done(uri, one.outcome, one.size)

    def remove(self, uri: str, at: datetime) -> int:
        """Deletes the passages of a source, marks it as removed; returns how many there were."""
        removed = self._index.remove(uri)
        self._ledger.withdraw(uri, None, at)
        self.show_to_granted(uri, at)
        return removed

    def withdraw(self, uri: str, audience: Audience, at: datetime) -> None:
        """Takes a source from ``audience``; if nobody else may read it, it is removed."""
        if not (row := self._ledger.find(uri)):
            return
        self._narrow(uri, Audience(row.audience.labels - audience.labels))
        self._ledger.withdraw(uri, audience, at)
        self.show_to_granted(uri, at)

    def leave(
        self, collection: str, uri: str, at: datetime, audience: Audience | None = None
    ) -> Audience:
        """Takes from a source what only this collection gave; returns who may read it then.

        With ``audience`` it stays in the collection, and only these readers lose it.
        """
        left = self._ledger.readers_without(collection, uri, audience)
        self._narrow(uri, left)
        self._ledger.leave(collection, uri, at, audience)
        self.show_to_granted(uri, at)
        return left

    def show_to_granted(self, uri: str, at: datetime) -> None:
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

    def _narrow(self, uri: str, left: Audience) -> None:
        with self._writing:
            if left.labels:
                self._index.set_audience(uri, left)
            else:
                self._index.remove(uri)

    def _granted(self, uri: str) -> Audience:
        row = self._ledger.find(uri)
        return row.audience if row else Audience.of()


def _begun(one: Prepared) -> Source:
    return replace(one.source, state=SourceState.FETCHING, checksum="", version="")


def _joining(batch: Sequence[Prepared]) -> dict[tuple[str, Audience], list[Source]]:
    """The sources that become members of the same collection, and are given to the same readers."""
    found: dict[tuple[str, Audience], list[Source]] = {}
    for one in batch:
        if one.request.collection:
            found.setdefault((one.request.collection, one.request.given), []).append(one.source)
    return found
