"""The documents in the index: which sources have each, and who may read it at which address."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from domain.cards import is_card
from domain.documents import SourceState
from domain.questions import Audience
from records.database import Database
from records.grants import AT_ONCE, MAY_BE_READ
from records.tables import grants, members, sources

ADDRESSES = 6
"""The most addresses that are named of a document."""


_ADDRESSES = (
    select(sources.c.document, sources.c.uri)
    .where(sources.c.document.in_(bindparam("documents", expanding=True)), MAY_BE_READ)
    .order_by(
        sources.c.modified.is_(None),
        sources.c.modified.desc(),
        func.length(sources.c.uri),
        sources.c.uri,
    )
)


class SharedDocuments:
    """Every method raises DatabaseUnavailable."""

    _db: Database

    def readers(self, documents: Collection[str], without: str = "") -> dict[str, Audience]:
        """Everyone to whom a source of each document was given; documents without any are missing.

        The source ``without`` does not count.
        """
        labels: dict[str, set[str]] = {}
        for named in _batches(documents):
            query = (
                select(sources.c.document, grants.c.label)
                .join(grants, grants.c.source == sources.c.uri)
                .where(sources.c.document.in_(named), sources.c.uri != without)
                .distinct()
            )
            with self._db.reading() as connection:
                for document, label in connection.execute(query):
                    labels.setdefault(document, set()).add(label)
        return {document: Audience(frozenset(its)) for document, its in labels.items()}

    def in_use(self, documents: Collection[str], without: str = "") -> frozenset[str]:
        """Those that a source has, or is about to have, besides the source ``without``."""
        its = select(sources.c.document, sources.c.checksum).where(sources.c.uri != without)
        queries = [its]
        if len(documents) <= AT_ONCE:  # for more, reading every row is faster
            queries = [
                its.where(or_(sources.c.document.in_(named), sources.c.checksum.in_(named)))
                for named in _batches(documents)
            ]
        used: set[str] = set()
        with self._db.reading() as connection:
            for query in queries:
                for row in connection.execute(query):
                    used.update(row)
        return frozenset(used).intersection(documents)

    def documents_in(self, uris: Collection[str]) -> frozenset[str]:
        """The documents of these sources, and of the sources that are in these collections.

        ``cards_of`` a channel names all cards of it.
        """
        found: set[str] = set()
        for named in _batches(uris):
            of_collections = select(members.c.source).where(members.c.collection.in_(named))
            query = select(sources.c.document).where(
                or_(
                    sources.c.uri.in_(named),
                    sources.c.uri.in_(of_collections),
                    *(_begins(uri) for uri in named if is_card(uri) and uri.endswith(":")),
                ),
                sources.c.state != SourceState.REMOVED,
            )
            with self._db.reading() as connection:
                found.update(connection.execute(query).scalars())
        return frozenset(found - {""})

    def addresses(
        self, documents: Collection[str], audience: Audience
    ) -> dict[str, tuple[str, ...]]:
        """Where ``audience`` may read each document, the best address first, at most some.

        Best is where it was changed last, then the shortest. Documents without any are missing.
        """
        found: dict[str, list[str]] = {}
        for named in _batches(documents):
            given = {"documents": named, "labels": sorted(audience.labels)}
            with self._db.reading() as connection:
                for document, uri in connection.execute(_ADDRESSES, given):
                    found.setdefault(document, []).append(uri)
        return {document: tuple(uris[:ADDRESSES]) for document, uris in found.items()}


def _begins(prefix: str) -> ColumnElement[bool]:
    """That the name of a source begins with ``prefix``, which ends with a colon."""
    return (sources.c.uri >= prefix) & (sources.c.uri < f"{prefix[:-1]};")


def _batches(documents: Collection[str]) -> Iterator[Sequence[str]]:
    names = sorted(set(documents) - {""})
    for start in range(0, len(names), AT_ONCE):
        yield names[start : start + AT_ONCE]
