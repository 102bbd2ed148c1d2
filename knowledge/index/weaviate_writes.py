"""Writes objects to Weaviate, and deletes them, although the server has no transactions.

Each replacement of a document has a revision of its own, and later ones are greater, whichever
process makes them. New objects are written first, and then all but the greatest revision deleted.
So of two writers one wins as a whole, and neither deletes what only the other one has written.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import sleep, time_ns
from typing import Any
from uuid import UUID, uuid4

from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter
from weaviate.collections.classes.filters import _Filters
from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateInsertManyAllFailedError

from domain.documents import Embedded
from domain.errors import IndexUnavailable
from domain.questions import Audience
from knowledge.index.weaviate_schema import DOCUMENT, of_documents, to_object
from knowledge.index.weaviate_server import PAUSE, WeaviateServer, one_line

NAMED = 200
"""Documents in one filter."""

DELETED = 10_000
"""The server's QUERY_MAXIMUM_RESULTS: it deletes no more in one call."""

_WRITE = 500
_TRIES = 3
_AT_ONCE = 8
_REVISIONS = 100_000
_SHOWN = 3  # refused passages in a message
_TIMED = re.compile(r"\d{20}-[0-9a-f]{8}")

Object = DataObject[Any, Any]


class WeaviateWrites:
    """Several threads may use it at once. Every method raises IndexUnavailable."""

    def __init__(self, server: WeaviateServer, collection: Any) -> None:
        self._server, self._collection = server, collection
        self._ask = server.ask

    def replace(self, documents: Sequence[Embedded]) -> None:
        for start in range(0, len(documents), NAMED):
            self._replace(documents[start : start + NAMED])

    def _replace(self, documents: Sequence[Embedded]) -> None:
        names = [one.document for one in documents]
        revision = _next(self._revisions(of_documents(*names)))
        objects = [
            to_object(one.document, chunk, revision, embedding)
            for one in documents
            for chunk, embedding in zip(one.chunks, one.embeddings, strict=True)
        ]
        for start in range(0, len(objects), _WRITE):
            self._insert(objects[start : start + _WRITE])
        if filled := [one.document for one in documents if one.chunks]:
            self._delete_earlier(filled, revision)
        if emptied := [one.document for one in documents if not one.chunks]:
            self.delete(of_documents(*emptied))

    def delete(self, which: _Filters) -> int:
        """Returns how many objects there were."""
        deleted = 0
        while True:
            done = self._ask(lambda: self._collection.data.delete_many(where=which))
            deleted += int(done.successful)
            if done.failed:
                raise IndexUnavailable(
                    f"Weaviate kept {done.failed} passages that it was to delete; ingest again.",
                    self._server.url,
                )
            if done.matches < DELETED:
                return deleted

    def set_audience(self, found: Iterable[tuple[UUID, Audience]], audience: Audience) -> None:
        """Gives the objects ``found``, which have these audiences, another one."""
        wrong = [uuid for uuid, readers in found if readers.labels != audience.labels]
        changed = {"audience": sorted(audience.labels)}
        with ThreadPoolExecutor(_AT_ONCE, "audience") as pool:
            for _ in pool.map(lambda uuid: self._change(uuid, changed), wrong):
                pass

    def _change(self, uuid: UUID, changed: dict[str, Any]) -> None:
        def change() -> None:
            # Writing whole objects could bring back those that are deleted meanwhile.
            try:
                self._collection.data.update(uuid=uuid, properties=changed)
            except UnexpectedStatusCodeError:
                if self._collection.data.exists(uuid):
                    raise

        self._ask(change)

    def _delete_earlier(self, documents: Sequence[str], revision: str) -> None:
        its = of_documents(*documents)
        # Somebody else may have written some of the documents later.
        for newer in self._delete_before(its, revision):
            for name in self._documents(its & Filter.by_property("revision").equal(newer)):
                self._delete_before(of_documents(name), newer)

    def _delete_before(self, which: _Filters, revision: str) -> set[str]:
        """Returns the revisions that are greater."""
        others = self._revisions(which) - {revision}
        earlier = {other for other in others if _order(other) < _order(revision)}
        if earlier:
            self.delete(which & Filter.by_property("revision").contains_any(sorted(earlier)))
        return others - earlier

    def _revisions(self, which: _Filters) -> set[str]:
        return self._values("revision", which)

    def _documents(self, which: _Filters) -> set[str]:
        return self._values(DOCUMENT, which)

    def _values(self, of: str, which: _Filters) -> set[str]:
        grouping = GroupByAggregate(prop=of, limit=_REVISIONS)
        ask = partial(self._collection.aggregate.over_all, filters=which, group_by=grouping)
        return {str(group.grouped_by.value) for group in self._ask(ask).groups}

    def _insert(self, objects: Sequence[Object]) -> None:
        """Those that the server refuses are written again, since it may only have been busy."""
        left, reasons = list(objects), list[str]()
        for attempt in range(_TRIES):
            sleep(attempt * PAUSE)
            refused = self._refused(left)
            left, reasons = [left[n] for n in refused], list(refused.values())
            if not left:
                return
        named = "; ".join(
            f"{one.properties['title']!r}: {reason}"
            for one, reason in zip(left[:_SHOWN], reasons, strict=False)
        )
        raise IndexUnavailable(
            f"Weaviate refused {len(left)} of {len(objects)} passages.",
            f"{self._server.url}: {named}",
        )

    def _refused(self, objects: Sequence[Object]) -> dict[int, str]:
        """The numbers of the objects that the server did not take, and why."""

        def insert() -> dict[int, str]:
            try:
                written = self._collection.data.insert_many(objects)
            except WeaviateInsertManyAllFailedError as e:
                return dict.fromkeys(range(len(objects)), one_line(e.message.split("errors: ")[-1]))
            return {n: one_line(error.message) for n, error in written.errors.items()}

        return self._ask(insert)


def batches(documents: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one filter may name, each time."""
    for start in range(0, len(documents), NAMED):
        yield documents[start : start + NAMED]


def _next(known: set[str]) -> str:
    """A revision that is greater than the known ones, and differs from anybody else's."""
    latest = max((int(one[:20]) for one in known if _TIMED.fullmatch(one)), default=0)
    return f"{max(time_ns(), latest + 1):020d}-{uuid4().hex[:8]}"


def _order(revision: str) -> tuple[bool, str]:
    """Earlier versions of the program wrote digests."""
    return bool(_TIMED.fullmatch(revision)), revision
