"""The index that needs no server: a LanceDB table in a folder.

Every write commits a new version. So a reader, in this process or another one, sees it whole or not
at all, and after a crash the last complete version is used. Chunks are added first, and earlier
ones of the same document deleted then: two fast commits, where one that merges took ten times as
long. What a chunk holds is in the `Contents` beside the table.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from time import time_ns

from domain.candidates import Candidate
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding, Vector
from domain.questions import Audience
from knowledge.index import contents, lance_upkeep
from knowledge.index.lance_library import lancedb
from knowledge.index.lance_rows import (
    audiences_in,
    literal,
    of_documents,
    schema_of,
    to_rows,
)
from knowledge.index.lance_search import LanceSearch
from knowledge.index.lance_table import contents_of, open_table, translated
from knowledge.index.stored_chunks import Stored, similarities

PASSAGES = "passages"
"""The name of the first index; the names of those that are built beside it begin with it."""

_PAGE = 500  # rows read at once
_NAMED_AT_ONCE = 300  # the most documents in one condition; for more, reading all rows is faster


class LanceIndex:
    """Implements PassageIndex in ``folder``, which it creates. Several threads may use it at once.

    Raises IndexMismatch if the table ``name`` was built with another embedding model.
    """

    def __init__(self, folder: Path, model: str, dimension: int, name: str = PASSAGES) -> None:
        self._folder, self._name = folder, name
        self._schema = schema_of(model, dimension)
        self._table, self._contents = open_table(folder, name, self._schema)
        self._search = LanceSearch(folder, name)

    def replace(self, *documents: Embedded) -> None:
        names = [one.document for one in documents]
        with translated(self._folder):
            written = max(max(self._written(names).values(), default=0) + 1, time_ns())
            if any(one.chunks for one in documents):
                numbers = self._contents.add((one, written) for one in documents)
                self._table.add(to_rows(documents, numbers, written, self._schema))
            self._delete_earlier(documents)

    def remove(self, *documents: str) -> int:
        if not documents:
            return 0
        with translated(self._folder):
            numbers = self._numbers(*documents)
            removed = int(self._table.delete(of_documents(documents)).num_deleted_rows)
            self._contents.remove(numbers)
            return removed

    def set_audience(self, audience: Audience, *documents: str) -> None:
        labels = ", ".join(literal(label) for label in sorted(audience.labels))
        if documents:
            with translated(self._folder):
                # Here first: what is found must be readable by both.
                self._contents.set_audience(audience, documents)
                self._table.update(
                    where=of_documents(documents), values_sql={"audience": f"make_array({labels})"}
                )

    def audiences(self, documents: Collection[str] | None = None) -> dict[str, frozenset[Audience]]:
        """Those of the rows and of their contents: after a crash only one of them may be new."""
        query = self._table.search().select(["document", "written", "audience"])
        named = documents if documents is None or len(documents) <= _NAMED_AT_ONCE else None
        if named is not None:
            query = query.where(of_documents(named))
        found: dict[tuple[str, int], set[Audience]] = {}
        with translated(self._folder):
            for document, written, readers in audiences_in(query.limit(None).to_arrow()):
                if documents is None or document in documents:
                    found.setdefault((document, written), set()).add(readers)
            for document, written, readers in self._contents.audiences(named):
                if (document, written) in found:  # the others were replaced
                    found[document, written].add(readers)
        together: dict[str, frozenset[Audience]] = {}
        for (document, _), audiences in found.items():
            together[document] = together.get(document, frozenset()) | audiences
        return together

    def forget(self, *documents: str) -> int:
        """Deletes the rows and rewrites all files, since deleted rows would stay in the old ones.

        A search that another process does at this moment may fail.
        """
        with translated(self._folder):
            removed = self.remove(*documents)
            lance_upkeep.rewrite(self._table, self._contents)
            self._contents.forget(documents)
        return removed

    def count(self) -> int:
        with translated(self._folder):
            return int(self._table.count_rows())

    def documents(self) -> frozenset[str]:
        with translated(self._folder):
            rows = self._table.search().select(["document"]).limit(None).to_arrow()
        return frozenset(rows.column("document").unique().to_pylist())

    def chunks(self, document: str) -> Iterator[Chunk]:
        with translated(self._folder):
            for one in self._contents.find(self._numbers(document)):
                yield one.chunk

    def words(self) -> Iterator[str]:
        query = self._table.search().select(["words"])
        with translated(self._folder):
            for page in query.limit(None).to_batches(_PAGE):
                yield from page.column("words").to_pylist()

    def embeddings(self, document: str) -> dict[str, Embedding]:
        with translated(self._folder):
            numbers = self._numbers(document)
            tokens = self._contents.tokens(numbers)
            return {
                one.chunk.id: Embedding(array("f", one.vector), tokens.get(one.number, b""))
                for one in self._contents.find(numbers)
            }

    def embedded(self, *documents: str) -> Iterator[Embedded]:
        """The documents with their embeddings; one that is removed meanwhile is missing."""
        columns = ["document", "number"]
        with translated(self._folder):
            query = self._table.search().select(columns).where(of_documents(documents))
            rows = query.limit(None).to_arrow()
            numbers: dict[str, list[int]] = {}
            for document, number in zip(
                *(rows.column(n).to_pylist() for n in columns), strict=True
            ):
                numbers.setdefault(document, []).append(number)
            for document, its in numbers.items():
                tokens = self._contents.tokens(its)
                found = sorted(self._contents.find(its), key=lambda one: one.chunk.place)
                if len(found) == len(its):
                    yield Embedded(
                        document,
                        [one.chunk for one in found],
                        [
                            Embedding(array("f", one.vector), tokens.get(one.number, b""))
                            for one in found
                        ],
                    )

    def search(
        self,
        text: str,
        vector: Vector,
        audience: Audience,
        k: int,
        only: Collection[str] | None = None,
    ) -> list[Candidate]:
        if not audience.labels or k <= 0 or (only is not None and not only):
            return []
        with translated(self._folder):
            words = self._search.find(text, vector, audience, k, only)
            found = [
                one for one in self._contents.find(words) if audience.may_read(one.chunk.audience)
            ]
        near = similarities(vector, [one.vector for one in found])
        return [
            _candidate(one, similarity, words[one.number])
            for one, similarity in zip(found, near, strict=True)
        ]

    def tokens(self, candidates: Sequence[Candidate]) -> list[bytes]:
        with translated(self._folder):
            known = self._contents.tokens(int(one.row) for one in candidates)
        return [known.get(int(one.row), b"") for one in candidates]

    def around(
        self, candidates: Collection[Candidate], reach: int, audience: Audience
    ) -> list[Chunk]:
        with translated(self._folder):
            return [
                chunk
                for one in candidates
                for chunk in self._contents.around(int(one.row), reach)
                if audience.may_read(chunk.audience)
            ]

    def drop(self) -> None:
        with translated(self._folder):
            self._drop(self._name)

    def drop_others(self, *kept: str) -> None:
        with translated(self._folder):
            found = [file.stem for file in self._folder.glob(f"{PASSAGES}*.lance")]
            for name in set(found) - {self._name, *kept}:
                self._drop(name)

    def close(self) -> None:
        self._contents.close()

    def tidy(self) -> None:
        lance_upkeep.tidy(self._table, self._contents)

    def _drop(self, name: str) -> None:
        lancedb.connect(self._folder).drop_table(name, ignore_missing=True)
        contents.delete(contents_of(self._folder, name))

    def _numbers(self, *documents: str) -> list[int]:
        query = self._table.search().select(["number"]).where(of_documents(documents))
        return sorted(query.limit(None).to_arrow().column("number").to_pylist())

    def _written(self, documents: Collection[str]) -> dict[str, int]:
        """The latest writing of each document that is there."""
        found: dict[str, int] = {}
        if documents:
            query = (
                self._table.search().select(["document", "written"]).where(of_documents(documents))
            )
            rows = query.limit(None).to_arrow().group_by("document").aggregate([("written", "max")])
            columns = (rows.column(name).to_pylist() for name in ("document", "written_max"))
            found.update(zip(*columns, strict=True))
        return found

    def _delete_earlier(self, documents: Sequence[Embedded]) -> None:
        """Of each document only the latest writing stays, whichever process did it."""
        names = [one.document for one in documents]
        query = self._table.search().select(["document", "written"]).where(of_documents(names))
        rows = query.limit(None).to_arrow().group_by(["document", "written"]).aggregate([])
        writings = sorted(zip(*(rows.column(n).to_pylist() for n in range(2)), strict=True))
        latest = dict(writings)  # the last of each document
        stale = [
            f"document = {literal(document)} AND written < {latest[document]}"
            for document, written in writings
            if written < latest[document]
        ]
        stale += [f"document = {literal(one.document)}" for one in documents if not one.chunks]
        if stale:
            self._table.delete(" OR ".join(f"({condition})" for condition in stale))


def _candidate(stored: Stored, similarity: float, words: float) -> Candidate:
    chunk = stored.chunk
    return Candidate(
        chunk.id,
        chunk.document,
        chunk.title,
        chunk.text,
        chunk.audience,
        similarity,
        words,
        chunk.where,
        chunk.place,
        row=str(stored.number),
    )
