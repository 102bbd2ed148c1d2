"""Writes passages to the index, and what is known of their sources to the ledger, in safe order."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from domain.documents import Chunk, Embedded, Failure, Source, SourceState, VersionOf
from domain.embeddings import Embedding
from domain.protocols import PassageIndex, SourceLedger
from domain.questions import Audience
from knowledge.ingest_run import IngestRun
from knowledge.near_copies import version_of
from knowledge.plan import ReadRequest
from knowledge.vocabulary import Vocabulary

_log = logging.getLogger(__name__)

_NOBODY = Audience.of()
_FEW = 10
_SHARE = 1 / 3
_AT_ONCE = 300  # sources that leave a collection: each write to the index takes a while


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source of which something must be written: its row, its readers or its passages.

    ``source`` is its new row. ``chunks`` is None if its passages are in the index already, or will
    be before these are written. ``known`` has the embeddings that need not be made, by chunk id;
    ``made`` those of new chunks that were made where the source was read.
    """

    request: ReadRequest
    source: Source
    outcome: str
    chunks: list[Chunk] | None = None
    known: Mapping[str, Embedding] = field(default_factory=dict)
    made: Mapping[str, Embedding] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.chunks or ())

    @property
    def new_chunks(self) -> list[Chunk]:
        """Those that must be embedded."""
        return [chunk for chunk in self.chunks or () if chunk.id not in self.known]


class IndexWriter:
    """Keeps the index as the ledger says. Several threads may use it.

    A row names the document that its source has. Before a new document is written, the row gets it
    as its ``checksum``; afterwards, as its ``document``. So whatever is half written is not shown
    to anybody, and the next ingest completes it. What no source has any more is deleted last.

    The ledger says who may read a source, and the index follows it: a document is for the readers
    of all its sources. Readers are added to the ledger first, and removed from the index first; but
    what leaves a collection is taken from its readers in the ledger first, all of it at once, for a
    search shows no document without an address. After each write the ledger is read again, since
    another process may have changed it.
    """

    def __init__(self, index: PassageIndex, ledger: SourceLedger, writing: Lock) -> None:
        """``writing`` is one for all that write to an index in this process."""
        self._index, self._ledger = index, ledger
        self._vocabulary = Vocabulary(index, ledger)
        self._writing = writing  # two replacements of one document must not overlap

    def write(self, batch: Sequence[Prepared], new: Sequence[Embedding], run: IngestRun) -> None:
        """Writes sources, with ``new`` embeddings for the new chunks of all of them, in order.

        What a person removed while it was read stays removed.
        """
        with self._writing:
            prepared, batch = batch, self._not_removed(batch, run)
            changed = [one for one in batch if one.source.document != _document(one.request)]
            begun = [_begun(one) for one in changed]
            self._ledger.save_members(begun, _joining(batch), run.at)
            documents = {one.source.document for one in batch}
            embedded = self._embedded(prepared, new)
            self._vocabulary.add(chunk for one in batch for chunk in one.new_chunks)
            self._index.replace(*(one for one in embedded if one.document in documents))
            present = self._index.audiences(documents)
            rows = [one.source for one in batch]
            done = [row for row in rows if bool(row.chunks) == (row.document in present)]
            # Before its row says that it is done: after a crash it is read and kept again.
            for one in batch:  # each may be a version of one before it
                if one.chunks:
                    self._ledger.keep_versions([self._version(one)])
            self._ledger.save_all(done)
            self._show(documents)
            self._drop({_document(one.request) for one in changed})
        self._remove_unread([one.source.uri for one in batch], run.at)
        written = {row.uri for row in done}
        for one in batch:
            if one.source.uri in written:
                run.done(one.source.uri, one.outcome, one.size)
            else:
                reason = "its copy was removed while it was read; it is read again next time"
                run.failures.append(Failure(one.source.uri, reason))
                run.done(one.source.uri, "failed")

    def remove(self, uri: str, at: datetime) -> int:
        """Takes a source from everyone, marks it as removed; returns how many passages it had.

        They stay in the index for the readers of other sources with the same document.
        """
        row = self._ledger.find(uri)
        self._narrow(row, _NOBODY)
        self._ledger.withdraw(uri, None, at)
        self._follow(row)
        return row.chunks if row else 0

    def withdraw(self, uri: str, audience: Audience, at: datetime) -> None:
        """Takes a source from ``audience``; if nobody else may read it, it is removed."""
        if not (row := self._ledger.find(uri)):
            return
        self._narrow(row, Audience(row.audience.labels - audience.labels))
        self._ledger.withdraw(uri, audience, at)
        self._follow(row)

    def leave(
        self,
        collection: str,
        uris: Collection[str],
        at: datetime,
        audience: Audience | None = None,
    ) -> dict[str, Source]:
        """Takes from sources what only this collection gave; returns those that others still have.

        With ``audience`` they stay in the collection, and only these readers lose them.
        """
        names, left = sorted(uris), dict[str, Source]()
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            before = self._ledger.find_all(some).values()
            documents = {name for row in before for name in (row.document, row.checksum)}
            self._ledger.take_given(collection, audience, some)
            self.show(documents)
            rows = self._ledger.find_all(some)
            left.update((uri, row) for uri, row in rows.items() if row.audience.labels)
            for uri in some:
                if audience is None or uri not in left:
                    self._ledger.leave(collection, uri, at, audience)
            with self._writing:
                self._drop(documents)
        return left

    def forget(self, uri: str) -> int:
        """Deletes what only this source has from the index and from its files; its row stays.

        Returns how many passages that were. Earlier versions named documents by their sources.
        """
        row = self._ledger.find(uri)
        own = {uri, row.document, row.checksum} if row else {uri}
        with self._writing:
            self._drop(self._unknown() - own)
            shared = self._ledger.in_use(own, without=uri)
            if row and row.document in shared:
                others = self._ledger.readers([row.document], without=uri)
                self._index.set_audience(others.get(row.document, _NOBODY), row.document)
            forgotten = self._index.forget(*sorted(own - shared - {""}))
            self._vocabulary.build()
            return forgotten

    def complete_vocabulary(self) -> None:
        """Counts the words of an index that an earlier version wrote."""
        self._vocabulary.build_if_missing()

    def show(self, documents: Collection[str]) -> None:
        """Copies who may read documents from the ledger to the index, until both are the same."""
        with self._writing:
            self._show(documents)

    def remove_unknown(self, at: datetime) -> None:
        """Removes sources that nobody may read, and deletes documents that no source has.

        A crash may leave both, and nobody sees them. If documents without a source are many,
        another database may belong to the index, and none is deleted.
        """
        self._remove_unread(self._ledger.without_readers(), at)
        with self._writing:
            self._drop(self._unknown())

    def _unknown(self) -> frozenset[str]:
        # The index is read first: what is in it was in the ledger before.
        documents = self._index.documents()
        unknown = documents - self._ledger.in_use(documents)
        if len(unknown) > max(_FEW, len(documents) * _SHARE):
            _log.warning(
                "%s of %s documents in the index belong to no source; they stay. Is this the "
                "database of this index?",
                len(unknown),
                len(documents),
            )
            return frozenset()
        return unknown

    def _not_removed(self, batch: Sequence[Prepared], run: IngestRun) -> list[Prepared]:
        rows = self._ledger.find_all([one.source.uri for one in batch])
        kept: list[Prepared] = []
        for one in batch:
            if one.request.was_removed_since(rows.get(one.source.uri)):
                run.kept_out(one.request)
            else:
                kept.append(one)
        return kept

    def _embedded(self, batch: Sequence[Prepared], new: Sequence[Embedding]) -> list[Embedded]:
        """The documents to write, for those who may read them as far as the ledger says now."""
        coming = iter(new)
        made = {
            one.source.document: (
                chunks,
                [one.known[c.id] if c.id in one.known else next(coming) for c in chunks],
            )
            for one in batch
            if (chunks := one.chunks) is not None
        }
        readers = self._ledger.readers(made)
        rows = self._ledger.find_all([one.source.uri for one in batch])
        for one in batch:
            if row := rows.get(one.source.uri):
                document = one.source.document
                known = readers.get(document, _NOBODY)
                readers[document] = known.together_with(row.audience)
        return [
            Embedded(
                document,
                [replace(chunk, document=document, audience=readers[document]) for chunk in chunks],
                embeddings,
            )
            for document, (chunks, embeddings) in made.items()
        ]

    def _version(self, one: Prepared) -> VersionOf:
        texts = (chunk.text for chunk in one.chunks or ())
        row = one.source
        return version_of(row.document, row.title, texts, self._ledger.versions_about)

    def _show(self, documents: Collection[str]) -> None:
        wanted = set(documents) - {""}
        while wanted:
            readers = self._ledger.readers(wanted)
            indexed = self._index.audiences(wanted)
            wrong: dict[Audience, list[str]] = {}
            for document, audiences in indexed.items():
                if audiences != {granted := readers.get(document, _NOBODY)}:
                    wrong.setdefault(granted, []).append(document)
            for granted, its in wrong.items():
                self._index.set_audience(granted, *its)
            wanted = {document for its in wrong.values() for document in its}

    def _drop(self, documents: Collection[str]) -> None:
        """Deletes those that no source has any more; the others are for whoever is left."""
        known = set(documents) - {""}
        if not known:
            return
        unused = known - self._ledger.in_use(known)
        self._ledger.drop_versions(unused)
        self._index.remove(*sorted(unused))
        self._show(known - unused)

    def _narrow(self, row: Source | None, left: Audience) -> None:
        """Lets only ``left`` read a source's document, and those of other sources that have it."""
        if row is None or not row.document:
            return
        document = row.document
        with self._writing:
            others = self._ledger.readers([document], without=row.uri).get(document, _NOBODY)
            readers = others.together_with(left)
            if self._index.audiences([document]).get(document) not in (None, {readers}):
                self._index.set_audience(readers, document)

    def _follow(self, row: Source | None) -> None:
        """Deletes or shows a source's documents as the ledger says now."""
        if row:
            with self._writing:
                self._drop({row.document, row.checksum})

    def _remove_unread(self, uris: Collection[str], at: datetime) -> None:
        """Marks sources that nobody may read any more as removed."""
        for uri, row in self._ledger.find_all(uris).items():
            if not row.audience.labels:
                self._ledger.withdraw(uri, _NOBODY, at)  # not from whoever was given it just now
                self._follow(row)


def _document(request: ReadRequest) -> str:
    return request.known.document if request.known else ""


def _begun(one: Prepared) -> Source:
    """The row while its new document is being written: it still has the one that it had."""
    known = one.request.known
    return replace(
        known or replace(one.source, document="", chunks=0, notes=""),
        state=SourceState.FETCHING,
        checksum=one.source.document,
        version="",
        updated_at=one.source.updated_at,
    )


def _joining(batch: Sequence[Prepared]) -> dict[tuple[str, Audience], list[Source]]:
    """The sources that become members of the same collection, and are given to the same readers."""
    found: dict[tuple[str, Audience], list[Source]] = {}
    for one in batch:
        if one.request.collection:
            found.setdefault((one.request.collection, one.request.given), []).append(one.source)
    return found
