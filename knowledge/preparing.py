"""Reads sources, and finds what must be written of each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import TypeVar

from domain.blocks import Content
from domain.documents import Note, Source, SourceState, fault_of_address
from domain.embeddings import Embedding
from domain.errors import GoneSource, IngestError, UnreadableSource, UnsupportedSource
from domain.protocols import Embedder, PassageIndex
from domain.questions import Audience
from domain.text import truncate
from knowledge.chunk import TITLE
from knowledge.document import ReadDocument, document_of, name_of
from knowledge.index_writer import IndexWriter, Prepared
from knowledge.ingest_run import IngestRun
from knowledge.plan import Plan, ReadRequest
from knowledge.readers.base import File
from knowledge.reading import Readers
from knowledge.reading_steps import Changed, ReadAll, Step, WasRead
from knowledge.sources.base import Fetched

_FIRST = 16  # chunks

T = TypeVar("T")


class Preparing:
    """Prepares the sources of one run, one after the other."""

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        readers: Readers,
        writer: IndexWriter,
        run: IngestRun,
        read_all: ReadAll,
    ) -> None:
        self._index, self._embedder, self._readers = index, embedder, readers
        self._writer, self._run = writer, run
        self._read_all = read_all
        self._made: dict[str, Source] = {}  # the first source of each document of this run
        self._being_read: set[str] = set()  # documents whose files were given to be read
        self._given: dict[str, Audience] = {}  # new readers of documents, who know their titles

    def batches(self, plans: Iterable[Plan], size: int) -> Iterator[list[Prepared]]:
        """What must be written: ``size`` chunks at a time, or as many sources without any.

        The first batches are smaller, so that there is something to embed soon.
        """
        batch: list[Prepared] = []
        held, room = 0, _FIRST
        for step, read in self._read_all(self._steps(plans)):
            if prepared := self._prepared(step, read):
                batch.append(prepared)
                held += max(prepared.size, 1)
            if held >= room:
                yield batch
                batch, held, room = [], 0, min(room * 2, size)
        if batch:
            yield batch

    def _requests(self, plans: Iterable[Plan]) -> Iterator[ReadRequest]:
        seen: set[str] = set()
        for plan in plans:
            for request in plan.requests(self._run.ledger, self._run.failures):
                if request.uri in seen:
                    continue
                seen.add(request.uri)
                fault = "" if request.known else fault_of_address(request.uri)
                if fault:
                    self._run.refused(request.uri, fault)
                else:
                    yield request

    def _steps(self, plans: Iterable[Plan]) -> Iterator[Step]:
        """Looks at each source, and fetches it if it may have changed."""
        for request in self._requests(plans):
            if step := self._looked_at(request):
                yield step

    def _looked_at(self, request: ReadRequest) -> Step | None:
        """What is known of a source before its content is read; None if nothing need be done."""
        run = self._run
        if request.is_left_out:
            run.kept_out(request)
            return None
        audience = run.granted(request)
        if not audience.labels:
            self._without_readers(request)
            return None

        def look() -> Step | None:
            names_another = self._may_name_another(request, audience)
            is_current = self._is_current(request) and not names_another
            if is_current or self._failed_for_good(request):
                found: Step | Prepared | None = self._unread(request, audience)
            else:
                found = self._fetched(request, audience, names_another=names_another)
            return Step(request, audience, found) if isinstance(found, Prepared) else found

        return self._or_failed(request, audience, look)

    def _prepared(self, step: Step, read: WasRead | None) -> Prepared | None:
        """What must be written for a source; None if nothing must be, or it failed."""
        if (changed := step.changed) is None:
            return step.prepared
        return self._or_failed(
            step.request, step.audience, lambda: self._changed(step, changed, read)
        )

    def _or_failed(
        self, request: ReadRequest, audience: Audience, do: Callable[[], T | None]
    ) -> T | None:
        """What ``do`` returns; None if it failed, which is recorded."""
        run = self._run
        try:
            return do()
        except UnsupportedSource as e:
            run.skipped(request, e)
        except GoneSource as e:
            if run.failed_so_before(request, e):
                self._gone(request)
                return None
            run.failed(request, e)
        except IngestError as e:
            run.failed(request, e)
        except MemoryError:
            run.failed(request, UnreadableSource("there is not enough memory to read it"))
        row = request.known
        if row and audience != row.audience and not run.is_dry:
            self._writer.show([row.document])
        return None

    def _may_name_another(self, request: ReadRequest, audience: Audience) -> bool:
        """Whether new readers of a copy may not know the file whose name its title may be."""
        run, row = self._run, request.known
        if run.is_dry or row is None or not row.chunks or not self._has_passages(request):
            return False
        document = row.document
        shown = {label for one in run.indexed[document] for label in one.labels}
        # What failed, or was begun, may have been shown to its new readers before.
        if row.state is SourceState.INDEXED and audience.labels <= shown:
            return False
        given = self._given.get(document, Audience.of())
        if others := run.ledger.readers([document], without=row.uri).get(document):
            is_known = audience.labels <= others.together_with(given).labels
            if not is_known and row.title != _as_title(name_of(row.uri)):
                return True
        self._given[document] = given.together_with(audience)
        return False

    def _fetched(
        self, request: ReadRequest, audience: Audience, *, names_another: bool
    ) -> Step | Prepared | None:
        run, row = self._run, request.known
        is_known = self._has_passages(request) and not names_another
        before = run.way.version(row) if is_known else ""
        fetched = request.connector.read(request.entry, before)
        if fetched is None:
            listed = run.way.stored(request.entry.version)
            return self._unchanged(request, audience, listed or (row.version if row else ""))
        shared = run.way.checksum(fetched.content)
        own = run.way.named(shared, fetched.content, request.uri)
        document = row.document if row and self._has_passages(request) else ""
        names_another = names_another and document == shared
        if document in (shared, own) and not names_another:
            version = run.way.stored(fetched.version)
            return self._unchanged(request, audience, version, fetched)
        if run.is_dry:
            run.done(request.uri, self._outcome(request))
            return None
        changed = Changed(fetched, shared, own, names_another=names_another)
        return self._to_read(request, audience, changed)

    def _outcome(self, request: ReadRequest) -> str:
        row = request.known
        return "updated" if row and row.chunks and self._has_passages(request) else "added"

    def _to_read(
        self, request: ReadRequest, audience: Audience, changed: Changed
    ) -> Step | Prepared:
        if written := self._written(request, audience, changed):
            return written
        is_first = changed.shared not in self._being_read
        self._being_read.add(changed.shared)
        known = self._known(request.known, changed.shared, changed.own)
        return Step(request, audience, changed=replace(changed, known=known, is_first=is_first))

    def _written(
        self, request: ReadRequest, audience: Audience, changed: Changed
    ) -> Prepared | None:
        """What must be written of new content if another source has it too: only the row."""
        twin = self._twin(changed.own) or self._twin(changed.shared)
        if twin is None:
            return None
        knows_name = audience.labels <= twin.audience.labels and not changed.names_another
        if twin.document == changed.own or knows_name:
            source = _as_read(self._row(request, changed.fetched), twin)
            return Prepared(request, source, self._outcome(request))
        return None

    def _row(self, request: ReadRequest, fetched: Fetched) -> Source:
        version = self._run.way.stored(fetched.version)
        return replace(self._run.row(request), version=version, modified=fetched.modified)

    def _changed(self, step: Step, changed: Changed, read: WasRead | None) -> Prepared | None:
        """What must be written of new content."""
        request, fetched = step.request, changed.fetched
        if written := self._written(request, step.audience, changed):
            return written
        outcome, source = self._outcome(request), self._row(request, fetched)
        twin = self._twin(changed.own) or self._twin(changed.shared)
        document = self._document(fetched, request, read)
        if twin and not _has_own_name(document, twin, fetched.content, source):
            if changed.names_another:
                return self._unchanged(request, step.audience, source.version, fetched)
            return Prepared(request, _as_read(source, twin), outcome)
        # The twin's title is the name of a file that readers of this source may not know.
        name = changed.own if twin else changed.shared
        self._run.notes += [Note(request.uri, text) for text in document.notes]
        source = _as_made(source, document, name)
        self._made[name] = replace(source, audience=step.audience)
        made = read.made if read else {}
        return Prepared(request, source, outcome, document.chunks, changed.known, made)

    def _twin(self, document: str) -> Source | None:
        """A source with the same document, which is in the index, or comes there first."""
        if made := self._made.get(document):
            return made
        return self._run.ledger.with_document(document) if self._is_indexed(document) else None

    def _known(self, row: Source | None, *documents: str) -> dict[str, Embedding]:
        """What was embedded of the source before, also if a crash left it half written.

        What an earlier version embedded without tokens is embedded again.
        """
        own = {*documents, row.document if row else ""}
        found: dict[str, Embedding] = {}
        for one in own:
            if self._is_indexed(one):
                found |= self._index.embeddings(one)
        needed = self._embedder.gives_tokens
        return {chunk: known for chunk, known in found.items() if known.tokens or not needed}

    def _document(
        self, fetched: Fetched, request: ReadRequest, read: WasRead | None
    ) -> ReadDocument:
        if read and read.error:
            raise read.error
        if read and read.document:
            return read.document
        reach = self._embedder.reach
        if isinstance(fetched.content, Content):
            return document_of(fetched.content, request.uri, reach)
        return self._readers.read(fetched.content, request.uri, reach)

    def _unread(self, request: ReadRequest, audience: Audience) -> Prepared | None:
        """A source with the version that it had: it is as it was, or fails as it did."""
        row = request.known
        if row and row.state is SourceState.QUARANTINED:
            self._run.failed_again(request, row.reason)
            return None
        return self._unchanged(request, audience, row.version if row else "")

    def _unchanged(
        self,
        request: ReadRequest,
        audience: Audience,
        version: str,
        fetched: Fetched | None = None,
    ) -> Prepared | None:
        """What must be written of a source whose content did not change; mostly nothing."""
        row = request.known
        assert row is not None
        modified = fetched.modified if fetched else row.modified
        is_indexed = row.state is SourceState.INDEXED
        is_known = audience == row.audience and (request.is_member or not request.collection)
        is_same = (row.version, row.modified) == (version, modified)
        if self._run.is_dry or (is_indexed and is_known and is_same):
            self._run.done(request.uri, "unchanged")
            return None
        now = replace(row, version=version, modified=modified)
        if not is_indexed:
            at = self._run.at
            now = replace(now, state=SourceState.INDEXED, reason="", attempts=0, updated_at=at)
        return Prepared(request, now, "unchanged")

    def _is_current(self, request: ReadRequest) -> bool:
        """Whether the version says that the source is as it was read."""
        listed = request.entry.version
        is_same = bool(listed) and listed == self._run.way.version(request.known)
        return is_same and self._has_passages(request)

    def _failed_for_good(self, request: ReadRequest) -> bool:
        """Whether a source that failed too often is still what it was then."""
        row, listed = request.known, self._run.way.stored(request.entry.version)
        is_given_up = row is not None and row.state is SourceState.QUARANTINED
        return is_given_up and bool(listed) and row is not None and row.version == listed

    def _has_passages(self, request: ReadRequest) -> bool:
        """Whether the index has passages of the source exactly if its row says so."""
        row = request.known
        if row is None or not row.document:
            return False
        return bool(row.chunks) == self._is_indexed(row.document)

    def _is_indexed(self, document: str) -> bool:
        run = self._run
        if document and document not in run.indexed and not run.knows_all:
            run.indexed.update(self._index.audiences([document]))
        return document in run.indexed

    def _without_readers(self, request: ReadRequest) -> None:
        """Removes a source that nobody may read, unless it waits for another collection."""
        run = self._run
        if request.is_for_fewer:
            run.left_to_others(request)
            return
        if not run.is_dry:
            self._writer.remove(request.uri, run.at)
            if request.collection:
                run.ledger.leave(request.collection, request.uri, run.at)
        run.done(request.uri, "removed")

    def _gone(self, request: ReadRequest) -> None:
        """Takes a source that does not exist any more out of its collection.

        What others still have is looked at by itself afterwards. If that does not find it either,
        it is removed, and whoever finds it again later reads it again.
        """
        run = self._run
        if run.is_dry:
            run.done(request.uri, "removed")
        elif not request.collection:
            run.ledger.leave_all(request.uri)
            self._writer.remove(request.uri, run.at)
            run.done(request.uri, "removed")
        elif self._writer.leave(request.collection, [request.uri], run.at):
            run.left.append(request.uri)
        else:
            run.done(request.uri, "removed")


def _as_made(source: Source, document: ReadDocument, name: str) -> Source:
    """The row of a source whose document no other one has, and which is indexed as ``name``."""
    return replace(
        source,
        document=name,
        checksum=name,
        title=document.title,
        chunks=len(document.chunks),
        notes="\n".join(document.notes),
    )


def _as_read(source: Source, twin: Source) -> Source:
    """The row of a source that has the same document as ``twin``."""
    return replace(
        source,
        document=twin.document,
        checksum=twin.document,
        title=twin.title,
        chunks=twin.chunks,
        notes=twin.notes,
    )


def _has_own_name(
    document: ReadDocument, twin: Source, content: File | Content, source: Source
) -> bool:
    """Whether a document has another title than its twin, and that is the name of its source."""
    return document.title != twin.title and _is_name(document, content, source)


def _is_name(document: ReadDocument, content: File | Content, source: Source) -> bool:
    """Whether a document has no other title than the name of its source."""
    names = [name_of(source.uri)]
    if isinstance(content, File):
        names += [name_of(source.uri, content.name), content.name, PurePath(content.name).stem]
    return document.title in map(_as_title, names)


def _as_title(name: str) -> str:
    return truncate(" ".join(name.split()), TITLE)
