"""Reads sources and indexes their passages: list, read, compare, split, embed, write, record."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from time import perf_counter

from domain.cards import is_card
from domain.collections import Collection
from domain.documents import Failure, IngestReport, Source, SourceState
from domain.embeddings import Embedding
from domain.errors import ForbiddenSource, IngestError, UnreadableSource
from domain.protocols import Embedder, PassageIndex, SourceLedger
from domain.questions import Audience
from knowledge.chunk import embedded_text
from knowledge.index_writer import IndexWriter, Prepared
from knowledge.ingest_run import IngestProgress, IngestRun, ignore
from knowledge.missing import inside
from knowledge.plan import Plan
from knowledge.preparing import Preparing
from knowledge.reading import Readers, shared
from knowledge.reading_steps import ReadAll, ReadHere
from knowledge.sources.base import Connector, Entry
from knowledge.sources.cards import CardSources, FindCard
from knowledge.sources.fetch import SLACK_FILE, Fetcher, is_remote
from knowledge.sources.fetched import FetchedSources
from knowledge.sources.files import LIMIT, FilesConnector
from knowledge.way import Way

_BATCH = 256  # chunks embedded at a time: enough to group texts of similar length
_TIDY = 16_384  # chunks after which a long run reorganizes the index
_FEW = 20  # for more documents, the whole list of the index is read at once
_UNKNOWN = timedelta(hours=1)  # between smaller runs: Weaviate reads every chunk for it


class Ingestor:
    """Indexes sources, and records the state of each in the ledger.

    A checksum covers a source's content and the way it is split and embedded, and names the
    document: sources with the same content share one, which is embedded once. Of a document that
    changed, only the chunks that are new are embedded. What has the same version is not even read.
    Reading, embedding and writing overlap in three threads, one batch at a time. If the process is
    killed, the next ingest completes the work.

    ``linked`` are folders that links in an ingested folder may lead to. ``cards`` gives the answers
    that experts confirmed. ``writing`` is one for all ingestors of an index in this process.
    ``read_all`` reads the files, by default one after the other in this process.
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
        cards: FindCard = lambda _: None,
        writing: "Lock | None" = None,
        read_all: ReadAll | None = None,
    ) -> None:
        self._index, self._embedder, self._ledger = index, embedder, ledger
        self._fetcher = fetcher or Fetcher(limit=limit)
        self._limit = limit
        self._linked = [folder.resolve() for folder in linked]
        self._writer = IndexWriter(index, ledger, writing or Lock())
        self._readers = readers
        self._cards = cards
        self._read_all = read_all or ReadHere(readers, embedder)
        self._unknown_removed: datetime | None = None

    def sync(
        self,
        collection: Collection,
        connector: Connector,
        *,
        confirmed: bool = False,
        dry_run: bool = False,
        now: datetime | None = None,
        progress: Callable[[IngestProgress], None] = ignore,
    ) -> IngestReport:
        """Reads what changed in a stored collection, and removes what is not in it any more.

        Its audience may read every document that is found in it, and ``for_new`` those that
        nobody may read yet. A document that a person removed stays so. One that is gone stays if
        another collection has it, or if somebody added it by itself. The report is as that of
        ``ingest``. With ``dry_run`` nothing is written, and the report says what would change.

        Raises IngestError if the collection cannot be looked at; nothing changes then.
        RetrievalError and DatabaseUnavailable end the run, and NotFound if the collection was
        removed; what is done by then stays.
        """
        run = self._new_run(now, progress, is_dry=dry_run)
        plan = Plan(
            collection.uri,
            connector,
            self._ledger.members(collection.uri),
            collection.audience,
            collection.requested_by,
            collection.uri,
            for_new=collection.for_new,
            for_fewer=self._ledger.for_fewer(collection.uri, collection.for_new),
        )
        run.failures += plan.look(run.way, collection.cursor)
        reported = self._run([plan], run, confirmed=confirmed)
        is_read = plan.is_whole and not run.waits
        cursor = plan.listing.cursor if is_read else collection.cursor
        return replace(reported, cursor=cursor, not_before=plan.listing.not_before)

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
        run = self._new_run(now, progress)
        named = dict.fromkeys(_absolutes(targets, run))
        plans = [
            Plan(uri, self._connector(uri), self._known(uri), audience, requested_by)
            for uri in named
        ]
        return self._run(list(_looked_at(plans, run)), run, confirmed=confirmed)

    def refresh(
        self,
        uris: Sequence[str],
        *,
        now: datetime | None = None,
        progress: Callable[[IngestProgress], None] = ignore,
    ) -> IngestReport:
        """Reads known sources again by themselves; who may read them does not change.

        What only the connector of its collection can read is a failure.
        """
        run = self._new_run(now, progress)
        rows = {uri: self._ledger.find(uri) for uri in dict.fromkeys(uris)}
        refused = {uri: why for uri, row in rows.items() if (why := _no_refresh(uri, row))}
        plans = [self._alone(row) for uri, row in rows.items() if row and uri not in refused]
        report = self._run(list(_looked_at(plans, run)), run)
        others = tuple(Failure(uri, why) for uri, why in refused.items())
        return replace(report, failed=report.failed + others)

    def ingest_one(self, source: Source, *, now: datetime | None = None) -> Source:
        """Ingests a URL, a file or a card that was requested from Slack; returns its new row.

        Those may read it to whom it is granted now; if that is nobody, it is removed. Paths on the
        server are refused: only people who can log in there may ingest them. Raises the same errors
        as ``ingest``.
        """
        run = self._new_run(now, ignore)
        known = self._ledger.find(source.uri) or source
        self._ledger.save(replace(known, state=SourceState.FETCHING, updated_at=run.at))
        plan = self._alone(self._ledger.find(source.uri) or source)
        if is_remote(source.uri):
            plan.look(run.way)
            self._run([plan], run)
        else:
            refusal = ForbiddenSource("files of the server are ingested on the server")
            run.failed(plan.request(Entry(source.uri)), refusal)
        return self._ledger.find(source.uri) or source

    def remove(self, uri: str, *, now: datetime | None = None) -> int:
        """Deletes the passages of ``uri``, marks it as removed, and returns how many there were."""
        return self._writer.remove(uri, now or datetime.now(UTC))

    def forget(self, uri: str) -> int:
        """Deletes what only this source has from the index and its files; its row stays.

        Returns how many passages that were. It may be called again.
        """
        return self._writer.forget(uri)

    def withdraw(self, uri: str, audience: Audience, *, now: datetime | None = None) -> None:
        """Takes a source from ``audience``; if nobody else may read it, it is removed.

        After RetrievalError or DatabaseUnavailable the call may be repeated.
        """
        self._writer.withdraw(uri, audience, now or datetime.now(UTC))

    def withdraw_collection(
        self, uri: str, audience: Audience | None = None, *, now: datetime | None = None
    ) -> int:
        """Takes from ``audience``, or from all, what only this collection gave them.

        Without ``audience`` it has no members afterwards; its own row may be deleted before, so
        that nothing is added to it meanwhile. Documents that nobody may read then are removed;
        returns how many. After RetrievalError or DatabaseUnavailable the call may be repeated.
        """
        members = self._ledger.members(uri)
        self._ledger.take_given(uri, audience)  # from now on a search shows them nothing of it
        left = self._writer.leave(uri, members, now or datetime.now(UTC), audience)
        self._index.tidy()
        return len(members) - len(left)

    def _new_run(
        self, now: datetime | None, progress: Callable[[IngestProgress], None], is_dry: bool = False
    ) -> IngestRun:
        way = Way(self._embedder.model)
        return IngestRun(self._ledger, way, now or datetime.now(UTC), progress, is_dry)

    def _run(self, plans: list[Plan], run: IngestRun, *, confirmed: bool = False) -> IngestReport:
        """Reads what the plans list, then removes what is gone."""
        began = perf_counter()
        self._look_up([row for plan in plans for row in plan.known.values()], plans, run)
        run.total += sum(plan.expected for plan in plans)
        run.left_out += [one for plan in plans for one in plan.listing.skipped]
        self._read(plans, run)
        run.left_out += [one for plan in plans for one in plan.left_out_later]
        # These come last, so that a renamed file always has passages under one of its names.
        left = self._left(run)
        left += [row for plan in plans for row in self._remove_gone(plan, run, confirmed)]
        alone = [self._alone(row) for row in left]
        self._read(list(_looked_at(alone, run)), run)
        for plan in alone:
            self._remove_gone(plan, run, confirmed)
        if not run.is_dry:
            self._remove_unknown(run)
            self._writer.complete_vocabulary()
        self._index.tidy()
        return run.report(perf_counter() - began)

    def _remove_unknown(self, run: IngestRun) -> None:
        """Removes what a crash or an outage left without readers, or in the index without a source.

        A large run does that, the first one of a process, and then one an hour.
        """
        last = self._unknown_removed
        if run.knows_all or last is None or run.at - last >= _UNKNOWN:
            self._writer.remove_unknown(run.at)
            self._unknown_removed = run.at

    def _look_up(self, rows: Sequence[Source], plans: Sequence[Plan], run: IngestRun) -> None:
        """Finds what is in the index, and repairs who may read it there."""
        documents = {row.document for row in rows} - {""}
        run.knows_all = max(len(documents), sum(plan.expected for plan in plans)) > _FEW
        run.indexed.update(self._index.audiences(None if run.knows_all else documents))
        readers = self._ledger.readers(documents)
        wrong = [
            document
            for document in documents & run.indexed.keys()
            if run.indexed[document] != {readers.get(document)}
        ]
        if not run.is_dry:
            self._writer.show(wrong)

    def _read(self, plans: Sequence[Plan], run: IngestRun) -> None:
        with ThreadPoolExecutor(2, "ingest") as pool:
            preparing = Preparing(
                self._index, self._embedder, self._readers, self._writer, run, self._read_all
            )
            batches = preparing.batches(plans, _BATCH)
            coming = pool.submit(next, batches, None)
            written: Future[None] | None = None
            while batch := coming.result():
                coming = pool.submit(next, batches, None)
                new = self._embedded(batch)
                if written:
                    written.result()
                written = pool.submit(self._write, batch, new, run)
            if written:
                written.result()

    def _write(self, batch: Sequence[Prepared], new: Sequence[Embedding], run: IngestRun) -> None:
        before = run.chunks // _TIDY
        self._writer.write(batch, new, run)
        if run.chunks // _TIDY > before:
            self._index.tidy()

    def _left(self, run: IngestRun) -> list[Source]:
        """What a collection lost when it was read, while others still have it."""
        rows = self._ledger.find_all(run.left)
        for uri in run.left:
            if not _is_read_alone(uri):
                run.done(uri, "removed")
        return [row for uri, row in rows.items() if _is_read_alone(uri)]

    def _remove_gone(self, plan: Plan, run: IngestRun, confirmed: bool) -> list[Source]:
        """Removes what is gone; returns what others still have, to be looked at by itself."""
        absent = plan.gone(run.unread, confirmed=confirmed)
        run.failures += absent.held_back
        run.held_back += absent.held_back
        run.total += len(absent.gone)
        left = {} if run.is_dry else self._removed(plan, absent.gone, run)
        others = {uri: row for uri, row in left.items() if _is_read_alone(uri)}
        for uri in absent.gone:
            if uri not in others:
                run.done(uri, "removed")
        return list(others.values())

    def _removed(self, plan: Plan, uris: Sequence[str], run: IngestRun) -> dict[str, Source]:
        """Removes sources; returns those that are only taken out of their collection."""
        if plan.collection:
            return self._writer.leave(plan.collection, uris, run.at)
        for uri in uris:
            self.remove(uri, now=run.at)
        return {}

    def _embedded(self, batch: Sequence[Prepared]) -> list[Embedding]:
        """Those of the new chunks, in order; what was embedded where it was read is not again."""
        new = [(one, piece) for one in batch for piece in one.new_chunks]
        left = [embedded_text(piece) for one, piece in new if piece.id not in one.made]
        here = iter(self._embedder.embed_passages(left))
        return [one.made[piece.id] if piece.id in one.made else next(here) for one, piece in new]

    def _connector(self, uri: str) -> Connector:
        if is_card(uri):
            return CardSources([uri], self._cards)
        if is_remote(uri):
            return FetchedSources([uri], self._fetcher)
        return FilesConnector(Path(uri), limit=self._limit, linked=self._linked)

    def _alone(self, row: Source) -> Plan:
        """A plan for a known source only; it gets no readers."""
        uri = row.uri
        connector = self._connector(uri)
        nobody = Audience.of()
        return Plan(uri, connector, {uri: row}, nobody, row.requested_by, only=frozenset([uri]))

    def _known(self, uri: str) -> dict[str, Source]:
        rows = [] if is_remote(uri) else self._ledger.under(inside(uri))
        own = self._ledger.find(uri)
        return {row.uri: row for row in (*rows, *([own] if own else []))}


def _absolutes(targets: Sequence[str | Path], run: IngestRun) -> Iterator[str]:
    for target in targets:
        try:
            yield _absolute(target)
        except UnreadableSource as e:
            run.failures.append(Failure(str(target), str(e)))


def _absolute(target: str | Path) -> str:
    """Raises UnreadableSource."""
    if is_remote(str(target)):
        return str(target)
    try:
        return str(Path(target).expanduser().resolve())
    except (OSError, RuntimeError) as e:  # links in a circle, and ~name of nobody
        raise UnreadableSource("its path leads nowhere", str(e)) from e


def _looked_at(plans: Iterable[Plan], run: IngestRun) -> Iterator[Plan]:
    """The plans that could be looked at; the others are failures."""
    for plan in plans:
        try:
            run.failures += plan.look(run.way)
            yield plan
        except IngestError as e:
            run.failures.append(Failure(plan.name, str(e)))


def _is_read_alone(uri: str) -> bool:
    """Whether a source can be read without a connector of its collection."""
    return is_card(uri) or uri.startswith(("http://", "https://", SLACK_FILE, os.sep))


def _no_refresh(uri: str, row: Source | None) -> str:
    if row is None:
        return "it was never ingested"
    if not row.audience.labels:
        return "it was removed"
    return "" if _is_read_alone(uri) else "it is read with its collection: refresh that"
