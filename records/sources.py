"""The sources: the state of each, and who may read it. Implements domain's SourceLedger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    delete,
    exists,
    func,
    literal,
    select,
    type_coerce,
    update,
)

from domain.documents import Source, SourceState
from domain.errors import NotFound
from domain.questions import Audience
from records.columns import encode_text
from records.database import Database
from records.documents import SharedDocuments
from records.grants import AT_ONCE, add_grants, drop_grants, withhold
from records.members import add_members, drop_member, for_fewer, found_in, take_given
from records.rows import insert
from records.tables import collections, grants, members, sources
from records.versions import Versions
from records.words import Words

_OWN = [field.name for field in fields(Source) if field.name != "audience"]
"""The fields of a source that are columns of its row; its audience is in the grants."""
_ROW = [sources.c[name] for name in _OWN]
_GONE = {
    "state": SourceState.REMOVED,
    "checksum": "",
    "chunks": 0,
    "reason": "",
    "notes": "",
    "document": "",
    "version": "",
}
_BEFORE_SURROGATES, _AFTER_SURROGATES, _LAST = 0xD7FF, 0xE000, 0x10FFFF


class Sources(SharedDocuments, Versions, Words):
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, uri: str) -> Source | None:
        found = self._list(sources.c.uri == uri)
        return found[0] if found else None

    def find_all(self, uris: Collection[str]) -> dict[str, Source]:
        """The known ones of several sources, by uri."""
        found: dict[str, Source] = {}
        names = sorted(uris)
        for start in range(0, len(names), AT_ONCE):
            rows = self._list(sources.c.uri.in_(names[start : start + AT_ONCE]))
            found.update((row.uri, row) for row in rows)
        return found

    def with_document(self, document: str) -> Source | None:
        """A source that has a document, if there is one."""
        found = self._list(sources.c.document == document)
        return found[0] if found else None

    def save(self, source: Source) -> None:
        """Inserts or replaces the row of ``source.uri``.

        A new source is granted to its audience. The grants of a known source do not change, so that
        saving a row that was read a while ago takes the source from nobody.
        """
        self.save_all([source])

    def save_all(self, changed: Sequence[Source]) -> None:
        """Saves several sources in one transaction, each as ``save`` does."""
        if not changed:
            return
        rows = [{name: getattr(source, name) for name in _OWN} for source in changed]
        with self._db.session() as connection:
            known = known_of(connection, [source.uri for source in changed])
            new = insert(connection, sources)
            values = {name: new.excluded[name] for name in _OWN if name != "uri"}
            connection.execute(
                new.on_conflict_do_update(index_elements=[sources.c.uri], set_=values), rows
            )
            for source in changed:
                if source.uri not in known:
                    by, at = source.requested_by, source.updated_at
                    add_grants(connection, source.uri, source.audience, by, at)

    def save_members(
        self,
        changed: Sequence[Source],
        joining: Mapping[tuple[str, Audience], Sequence[Source]],
        at: datetime,
    ) -> None:
        """Saves sources, and makes some members of a collection, as ``join`` does, in one step.

        So no crash leaves a new source that is in no collection, and that nobody may read. Raises
        NotFound if a collection was removed.
        """
        with self._db.together():
            self.save_all(changed)
            for (collection, audience), found in joining.items():
                self.join(collection, found, audience, at)

    def grant(self, uri: str, audience: Audience, by: str, at: datetime) -> None:
        """Lets ``audience`` read a known source too. Raises NotFound."""
        query = select(sources.c.uri).where(sources.c.uri == uri)
        with self._db.session() as connection:
            held = query.with_for_update(read=True, key_share=True)
            if connection.execute(held).first() is None:
                raise NotFound(f"There is no source {uri}.")
            add_grants(connection, uri, audience, by, at)

    def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
        """Takes a source from ``audience``, or from all; if nobody may read it then, removes it.

        A collection does not give it to ``audience`` again; a person may.
        """
        with self._db.session() as connection:
            _lock(connection, uri)
            drop_grants(connection, uri, audience)
            if audience is not None:
                withhold(connection, uri, audience, at)
            _remove_without_readers(connection, uri, at)

    def members(self, collection: str) -> dict[str, Source]:
        """The sources of a collection, by uri; also those that were removed since."""
        return {source.uri: source for source in self._list(found_in(collection))}

    def join(
        self, collection: str, found: Sequence[Source], audience: Audience, at: datetime
    ) -> None:
        """Makes sources members of a collection, which lets ``audience`` read them too.

        The rows of unknown ones are inserted; those of known ones do not change. Raises NotFound if
        the collection was removed.
        """
        if not found:
            return
        rows = [{name: getattr(source, name) for name in _OWN} for source in found]
        uris = [source.uri for source in found]
        with self._db.session() as connection:
            connection.execute(insert(connection, sources).on_conflict_do_nothing(), rows)
            known_of(connection, uris, hold=True)
            add_members(connection, collection, uris, audience, at)

    def leave(
        self, collection: str, uri: str, at: datetime, audience: Audience | None = None
    ) -> None:
        """Takes a source out of a collection, with what only the collection gave.

        With ``audience`` it stays a member, and only these readers lose it. If nobody may read it
        then, it is removed.
        """
        with self._db.session() as connection:
            _lock(connection, uri)
            drop_member(connection, collection, uri, audience)
            _remove_without_readers(connection, uri, at)

    def take_given(
        self,
        collection: str,
        audience: Audience | None = None,
        uris: Sequence[str] | None = None,
    ) -> None:
        """Takes from all, or from ``audience``, what only a collection gave them.

        By default that is done for all that is in it. It stays there, also what nobody may read.
        """
        with self._db.session(long=True) as connection:
            take_given(connection, collection, audience, uris)

    def without_readers(self) -> frozenset[str]:
        """The sources that nobody may read, and that are in no collection, without removed ones."""
        query = select(sources.c.uri).where(
            sources.c.state != SourceState.REMOVED,
            ~exists().where(grants.c.source == sources.c.uri),
            ~exists().where(members.c.source == sources.c.uri),
        )
        with self._db.reading(long=True) as connection:
            return frozenset(connection.execute(query).scalars())

    def leave_all(self, uri: str) -> None:
        """Takes a source out of all collections; who may read it does not change."""
        with self._db.session() as connection:
            connection.execute(delete(members).where(members.c.source == uri))

    def for_fewer(self, collection: str, audience: Audience) -> frozenset[str]:
        """The collections besides this one that do not let all of ``audience`` read them."""
        if not audience.labels:
            return frozenset()
        with self._db.reading() as connection:
            return for_fewer(connection, audience) - {collection}

    def under(self, prefix: str) -> list[Source]:
        """The sources whose uri starts with ``prefix``, without removed ones, ordered by uri."""
        return self._list(_starts_with(prefix), sources.c.state != SourceState.REMOVED)

    def failed(self, limit: int) -> tuple[list[Source], int]:
        """Those that could not be read, the latest first, and how many there are in all.

        Without what is itself a collection that says why it cannot be read, such as a page.
        """
        is_told = exists().where(collections.c.uri == sources.c.uri, collections.c.reason != "")
        wanted = sources.c.state.in_([SourceState.FAILED, SourceState.QUARANTINED]), ~is_told
        counted = select(func.count(sources.c.uri)).where(*wanted)
        latest = select(sources.c.uri).where(*wanted)
        latest = latest.order_by(sources.c.updated_at.desc(), sources.c.uri).limit(limit)
        with self._db.reading() as connection:
            total = connection.execute(counted).scalar_one()
            uris = connection.execute(latest).scalars().all()
        found = self.find_all(uris)
        return [found[uri] for uri in uris if uri in found], total

    def all(self) -> list[Source]:
        """Every source that was ever requested, also removed ones, ordered by uri."""
        return self._list()

    def _list(self, *conditions: ColumnElement[bool]) -> list[Source]:
        query = (
            select(*_ROW, grants.c.label)
            .join_from(sources, grants, isouter=True)
            .where(*conditions)
            .order_by(sources.c.uri)
        )
        with self._db.reading() as connection:
            rows = connection.execute(query).all()
        return [_source(list(own)) for _, own in groupby(rows, key=lambda row: row.uri)]


def known_of(connection: Connection, uris: Sequence[str], *, hold: bool = False) -> frozenset[str]:
    """Those of ``uris`` that have a row; with ``hold`` none of these is removed meanwhile."""
    found: set[str] = set()
    for start in range(0, len(uris), AT_ONCE):
        query = select(sources.c.uri).where(sources.c.uri.in_(uris[start : start + AT_ONCE]))
        if hold:
            query = query.order_by(sources.c.uri).with_for_update(read=True, key_share=True)
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def _lock(connection: Connection, uri: str) -> None:
    """Holds the row until the end, so that nobody adds a grant before the removal."""
    connection.execute(select(sources.c.uri).where(sources.c.uri == uri).with_for_update())


def _remove_without_readers(connection: Connection, uri: str, at: datetime) -> None:
    left = select(grants.c.label).where(grants.c.source == uri).limit(1)
    if connection.execute(left).first() is None:
        gone = update(sources).where(sources.c.uri == uri).values(_GONE)
        connection.execute(gone.values(updated_at=at))


def _source(rows: Sequence[Any]) -> Source:
    """A source from its rows: one row for each label, or one row without a label."""
    own = dict(zip(_OWN, rows[0], strict=False))
    return Source(**own, audience=Audience.of(*(row.label for row in rows if row.label)))


def _starts_with(prefix: str) -> ColumnElement[bool]:
    """A range condition, which can use the primary key's index; LIKE would have wildcards."""
    low = encode_text(prefix)
    uri = type_coerce(sources.c.uri, Text)
    high = _successor(low)
    return uri >= literal(low) if high is None else and_(uri >= low, uri < high)


def _successor(prefix: str) -> str | None:
    """The first text, by code points, after all texts that start with ``prefix``, if any."""
    stem = prefix.rstrip(chr(_LAST))
    if not stem:
        return None
    last = ord(stem[-1])
    return stem[:-1] + chr(_AFTER_SURROGATES if last == _BEFORE_SURROGATES else last + 1)
