"""Builds an index beside the one that answers: of another embedding model, or in another place."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import IndexUnavailable
from domain.protocols import Embedder, PassageIndex, SourceLedger
from knowledge.chunk import embedded_text

_BATCH = 256  # chunks embedded at a time: enough to group texts of similar length
_TIDY = 16_384  # chunks after which the new index is reorganized

Progress = Callable[[str, int, int], None]
"""Takes what is done now, how much of it is done, and how much there is; 0 if that is unknown."""

_COMPARING = "Comparing the two indexes"
_COPYING_READERS = "Copying who may read them"
_TIDYING = "Building the structures for search"
_ADDING = "Adding what was read meanwhile"


class Embeddings(Protocol):
    """Where the embeddings of the new index come from; ``doing`` says it to people."""

    doing: str

    def of(self, chunks: Sequence[Chunk]) -> Sequence[Embedding]:
        """One for each chunk, in order. Raises RetrievalError."""
        ...


class NewEmbeddings:
    """Those that another embedding model makes of the chunks."""

    doing = "Embedding documents"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def of(self, chunks: Sequence[Chunk]) -> Sequence[Embedding]:
        return self._embedder.embed_passages([embedded_text(chunk) for chunk in chunks])


class SameEmbeddings:
    """Those that the chunks have in ``index``."""

    doing = "Copying documents"

    def __init__(self, index: PassageIndex) -> None:
        self._index = index

    def of(self, chunks: Sequence[Chunk]) -> Sequence[Embedding]:
        documents = {chunk.document for chunk in chunks}
        known = {document: self._index.embeddings(document) for document in documents}
        try:
            return [known[chunk.document][chunk.id] for chunk in chunks]
        except KeyError as e:
            raise IndexUnavailable("The index has changed meanwhile: run the command again.") from e


class Reindexing:
    """Copies every document from ``old`` to ``new``, with ``embeddings``.

    Only passages are needed, not their sources: these may be away. ``old`` may change at the same
    time, and the work may be killed: what is missing is copied next time.
    """

    def __init__(
        self, old: PassageIndex, new: PassageIndex, embeddings: Embeddings, ledger: SourceLedger
    ) -> None:
        self._old, self._new, self._ledger = old, new, ledger
        self._embeddings = embeddings

    def copy(self, progress: Progress) -> None:
        """Before the swap: makes ``new`` hold what ``old`` holds, for the same readers.

        Raises RetrievalError.
        """
        self._copy(self._old.documents() - self._new.documents(), progress)
        progress(_COMPARING, 0, 0)
        # What was added to the old index since; and what a killed writer left half done.
        if missing := self._old.documents() - self._new.documents():
            self._copy(missing, progress)
        if gone := self._new.documents() - self._old.documents():
            self._new.remove(*sorted(gone))
        if self._new.count() != self._old.count():
            self._copy(frozenset(filter(self._differs, self._old.documents())), progress)
        progress(_COPYING_READERS, 0, 0)
        self._copy_readers()
        progress(_TIDYING, 0, 0)
        self._new.tidy()

    def copy_late(self, progress: Progress) -> None:
        """After the swap: adds what others have written to ``old`` before they noticed it.

        What they wrote to ``new`` since then stays. Raises RetrievalError and DatabaseUnavailable.
        """
        progress(_ADDING, 0, 0)
        late = self._old.documents() - self._new.documents()
        late &= self._ledger.in_use(late)
        self._copy(late, progress)
        for document, readers in self._ledger.readers(late).items():
            self._new.set_audience(readers, document)

    def _copy(self, documents: frozenset[str], progress: Progress) -> None:
        total, done, untidy = len(documents), 0, 0
        for batch in self._batches(sorted(documents)):
            copied = [chunk for _, chunks in batch for chunk in chunks]
            embeddings = iter(self._embeddings.of(copied))
            self._new.replace(
                *(
                    Embedded(document, chunks, [next(embeddings) for _ in chunks])
                    for document, chunks in batch
                )
            )
            done, untidy = done + len(batch), untidy + len(copied)
            progress(self._embeddings.doing, done, total)
            if untidy > _TIDY:
                self._new.tidy()
                untidy = 0

    def _batches(self, documents: Sequence[str]) -> Iterator[list[tuple[str, list[Chunk]]]]:
        batch: list[tuple[str, list[Chunk]]] = []
        for document in documents:
            if chunks := list(self._old.chunks(document)):
                batch.append((document, chunks))
            if sum(len(each) for _, each in batch) >= _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _differs(self, document: str) -> bool:
        ids = ({chunk.id for chunk in index.chunks(document)} for index in (self._old, self._new))
        return next(ids) != next(ids)

    def _copy_readers(self) -> None:
        readers = self._old.audiences()
        copied = self._new.audiences()
        for document, audiences in readers.items():
            if len(audiences) == 1 and copied.get(document) != audiences:
                self._new.set_audience(next(iter(audiences)), document)
