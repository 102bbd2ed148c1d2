"""The index for more than one machine: a collection on a Weaviate server.

To replace a document, its new chunks are written first and its old ones deleted last. So a search
always finds chunks of the document; for a moment it may find old and new ones together. If the
writer is killed then, both stay until the next ingest of the document, which the ledger causes,
deletes the old ones.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.query import Filter, MetadataQuery, Sort
from weaviate.collections.classes.filters import _Filters

from domain.candidates import Candidate
from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding, Vector
from domain.questions import Audience
from knowledge.index.stored_chunks import similarities, to_bytes
from knowledge.index.weaviate_collection import (
    AS_THE_SERVER_CHOOSES,
    Spread,
    open_collection,
    wait_for_vectors,
)
from knowledge.index.weaviate_schema import (
    DOCUMENT,
    SHOWN,
    TOKENS,
    candidate,
    flat,
    of_documents,
    to_chunk,
    tokens_of,
)
from knowledge.index.weaviate_server import WeaviateServer
from knowledge.index.weaviate_writes import WeaviateWrites, batches
from knowledge.index.words import searches

_PAGE = 500  # chunks read at once
_WINDOW = 10_000  # the server's QUERY_MAXIMUM_RESULTS: it returns no page beyond this
_DOCUMENTS = 10_000_000
_ASKED_ALONE = 50  # for more documents, reading all chunks is faster
_LABELS = 100_000


class WeaviateIndex:
    """Implements PassageIndex on a server. Several threads may use it; close it at the end.

    ``http_url`` is ``http(s)://host[:port]``; ``grpc_port`` is on the same host. ``wait`` (seconds)
    is how long to wait for a server that has only just started. ``authorities`` is the file that
    SSL_CERT_FILE names, if it does. ``spread`` is for a new collection; ``differs`` says in words
    how an older one is spread otherwise, and is empty if it is not. Raises ConfigError if the file
    cannot be read or the cluster is too small, IndexUnavailable, and IndexMismatch if the
    collection was built with another embedding model.
    """

    def __init__(
        self,
        http_url: str,
        grpc_port: int,
        *,
        model: str,
        dimension: int,
        api_key: str | None = None,
        collection: str = "Phi3Passages",
        wait: float = 30.0,
        authorities: str = "",
        spread: Spread = AS_THE_SERVER_CHOOSES,
    ) -> None:
        self._server = WeaviateServer(http_url, grpc_port, api_key, wait, authorities)
        self._ask = self._server.ask
        try:
            self._collection, self.differs = open_collection(
                self._server, collection, model, dimension, spread
            )
            self._writes = WeaviateWrites(self._server, self._collection)
        except BaseException:
            self.close()
            raise

    def replace(self, *documents: Embedded) -> None:
        self._writes.replace(documents)

    def remove(self, *documents: str) -> int:
        return sum(self._writes.delete(of_documents(*names)) for names in batches(documents))

    def set_audience(self, audience: Audience, *documents: str) -> None:
        for document in documents:
            its = [
                (one.uuid, Audience(frozenset(one.properties["audience"])))
                for one in self._objects(document, ["audience"])
            ]
            self._writes.set_audience(its, audience)

    def audiences(self, documents: Collection[str] | None = None) -> dict[str, frozenset[Audience]]:
        if documents is None or len(documents) > _ASKED_ALONE:
            return self._audiences_of_many(documents)
        found = {document: self._audiences_of(document) for document in documents}
        return {document: audiences for document, audiences in found.items() if audiences}

    def _audiences_of_many(
        self, documents: Collection[str] | None
    ) -> dict[str, frozenset[Audience]]:
        found: dict[str, set[Audience]] = {}
        for row in (one.properties for one in self._every([DOCUMENT, "audience"])):
            document = str(row[DOCUMENT])
            if documents is None or document in documents:
                found.setdefault(document, set()).add(Audience(frozenset(row["audience"])))
        return {document: frozenset(audiences) for document, audiences in found.items()}

    def _audiences_of(self, document: str) -> frozenset[Audience]:
        """If chunks differ: the labels that all of them have, and those that at least one has."""
        its = of_documents(document)
        total = self._total(its)
        if not total:
            return frozenset()
        grouping = GroupByAggregate(prop="audience", limit=_LABELS)
        groups = self._ask(
            lambda: self._collection.aggregate.over_all(filters=its, group_by=grouping)
        ).groups
        counts = {str(group.grouped_by.value): group.total_count for group in groups}
        of_each = (label for label, count in counts.items() if count == total)
        return frozenset({Audience(frozenset(of_each)), Audience(frozenset(counts))})

    def forget(self, *documents: str) -> int:
        """The server overwrites deleted text when it next compacts its files."""
        return self.remove(*documents)

    def tidy(self) -> None:
        """Waits for a server that indexes vectors later (its ASYNC_INDEXING)."""
        wait_for_vectors(self._server, self._collection)

    def count(self) -> int:
        return self._total()

    def _total(self, which: _Filters | None = None) -> int:
        over_all = self._collection.aggregate.over_all
        found = self._ask(lambda: over_all(filters=which, total_count=True))
        return found.total_count or 0

    def documents(self) -> frozenset[str]:
        grouping = GroupByAggregate(prop=DOCUMENT, limit=_DOCUMENTS)
        groups = self._ask(lambda: self._collection.aggregate.over_all(group_by=grouping))
        return frozenset(str(group.grouped_by.value) for group in groups.groups)

    def chunks(self, document: str) -> Iterator[Chunk]:
        yield from (to_chunk(one.properties) for one in self._objects(document, SHOWN))

    def words(self) -> Iterator[str]:
        for one in self._every(["words"]):
            yield str(one.properties["words"])

    def embeddings(self, document: str) -> dict[str, Embedding]:
        return {
            str(one.properties["chunk"]): Embedding(
                flat(one.vector["default"]), tokens_of(one.properties)
            )
            for one in self._objects(document, ["chunk", TOKENS], vectors=True)
        }

    def _objects(
        self, document: str, properties: list[str], *, vectors: bool = False
    ) -> Iterator[Any]:
        its = of_documents(document)
        total = self._total(its)
        if total <= _WINDOW:
            for start in range(0, total, _PAGE):
                yield from self._page(its, start, properties=properties, vectors=vectors)
            return
        # Beyond the window only a cursor works, which cannot be combined with a filter.
        for one in self._every([*properties, DOCUMENT], vectors=vectors):
            if one.properties[DOCUMENT] == document:
                yield one

    def _every(self, properties: list[str], *, vectors: bool = False) -> Iterator[Any]:
        """All objects, with these properties."""
        last = None
        while page := self._page(after=last, properties=properties, vectors=vectors):
            yield from page
            last = page[-1].uuid

    def _page(
        self,
        which: _Filters | None = None,
        start: int | None = None,
        after: UUID | None = None,
        *,
        properties: list[str],
        vectors: bool,
    ) -> list[Any]:
        answer = self._ask(
            lambda: self._collection.query.fetch_objects(
                filters=which,
                offset=start,
                after=after,
                limit=_PAGE,
                return_properties=properties,
                include_vector=vectors,
            )
        )
        return list(answer.objects)

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
        allowed = _readable_by(audience)
        if only is not None:
            allowed = allowed & of_documents(*only)
        found = {one.key: one for one in self._by_meaning(list(vector), allowed, k)}
        for words in reversed(searches(text)):
            found |= {one.key: one for one in self._by_words(words, vector, allowed, k)}
        return list(found.values())

    def tokens(self, candidates: Sequence[Candidate]) -> list[bytes]:
        if not candidates:
            return []
        answer = self._ask(
            lambda: self._collection.query.fetch_objects_by_ids(
                [one.row for one in candidates],
                limit=len(candidates),
                return_properties=[TOKENS],
            )
        )
        known = {str(one.uuid): tokens_of(one.properties) for one in answer.objects}
        return [known.get(one.row, b"") for one in candidates]

    def around(
        self, candidates: Collection[Candidate], reach: int, audience: Audience
    ) -> list[Chunk]:
        if not audience.labels:
            return []
        return [
            chunk
            for one in candidates
            for chunk in self._around(one.document, one.place, reach, audience)
        ]

    def _around(self, document: str, place: int, reach: int, audience: Audience) -> list[Chunk]:
        first, end = max(place - reach, 0), place + reach + 1
        if end > _WINDOW:
            return []
        answer = self._ask(
            lambda: self._collection.query.fetch_objects(
                filters=of_documents(document) & _readable_by(audience),
                sort=Sort.by_property("place"),
                offset=first,
                limit=end - first,
                return_properties=SHOWN,
            )
        )
        return [to_chunk(one.properties) for one in answer.objects]

    def drop(self) -> None:
        self._ask(lambda: self._server.client.collections.delete(self._collection.name))

    def drop_others(self, *kept: str) -> None:
        own, collections = self._collection.name, self._server.client.collections
        first = own.split("_")[0]
        found = self._ask(lambda: list(collections.list_all()))
        beside = [name for name in found if name == first or name.startswith(f"{first}_")]
        for name in set(beside) - {own, *kept}:
            self._ask(partial(collections.delete, name))

    def close(self) -> None:
        self._server.close()

    def _by_meaning(self, vector: list[float], allowed: _Filters, k: int) -> list[Candidate]:
        answer = self._ask(
            lambda: self._collection.query.near_vector(
                near_vector=vector,
                limit=k,
                filters=allowed,
                return_properties=SHOWN,
                return_metadata=MetadataQuery(distance=True),
            )
        )
        return [candidate(found, 1 - (found.metadata.distance or 0.0)) for found in answer.objects]

    def _by_words(self, words: str, vector: Vector, allowed: _Filters, k: int) -> list[Candidate]:
        answer = self._ask(
            lambda: self._collection.query.bm25(
                query=words,
                query_properties=["words"],
                limit=k,
                filters=allowed,
                include_vector=True,
                return_properties=SHOWN,
                return_metadata=MetadataQuery(score=True),
            )
        )
        near = similarities(
            vector, [to_bytes(flat(one.vector["default"])) for one in answer.objects]
        )
        return [
            candidate(found, similarity, found.metadata.score or 0.0)
            for found, similarity in zip(answer.objects, near, strict=True)
        ]


def _readable_by(audience: Audience) -> _Filters:
    return Filter.by_property("audience").contains_any(sorted(audience.labels))
