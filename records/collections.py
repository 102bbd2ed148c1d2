"""The collections: what is read again by itself, when, for whom, and how far a reading is."""

from dataclasses import fields
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, exists, func, select, update

from domain.collections import CHANGED, Collection, CollectionProgress, Trouble
from domain.documents import SourceState
from domain.errors import NotFound
from domain.jobs import JobKind, JobState
from domain.labels import is_channel, is_label
from domain.questions import Audience
from records.database import Database
from records.rows import columns, every, insert, values
from records.tables import (
    collection_grants,
    collection_progress,
    collections,
    grants,
    jobs,
    members,
    sources,
)

_OWN = [field.name for field in fields(Collection) if field.name not in ("audience", "for_new")]
"""The fields of a collection that are columns of its row; its readers are in the grants."""
_ROW = [collections.c[name] for name in _OWN]
_PROGRESS = columns(collection_progress, CollectionProgress)


class Collections:
    """Every method raises DatabaseUnavailable. What it writes for the second time changes nothing.

    The schedule of a collection may change while it is read. So whoever records a reading says when
    the collection was due as it began: if it has become due again since, it stays due.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, collection: Collection, *, change: bool = False) -> Collection:
        """Inserts a collection, or adds its readers to the known one; returns the row.

        With ``change`` a known one also gets this schedule, and these options; if they are other
        ones, it is listed without its cursor.
        """
        known = collections.c
        changed = {
            "every": collection.every,
            "next_at": collection.next_at,
            "options": collection.options,
            "cursor": case((known.options == collection.options, known.cursor), else_=""),
        }
        grants = _grants(collection, collection.for_new, only_new=True)
        grants += _grants(collection, collection.audience, only_new=False)
        row = {name: getattr(collection, name) for name in _OWN}
        with self._db.session() as connection:
            new = insert(connection, collections).values(row)
            # This locks a known row, so that nobody removes it before its readers are added.
            new = new.on_conflict_do_update(
                index_elements=["uri"], set_=changed if change else {"kind": known.kind}
            )
            connection.execute(new)
            if grants:
                given = insert(connection, collection_grants)
                # Whoever is given every document keeps that.
                both = collection_grants.c.only_new & given.excluded.only_new
                given = given.on_conflict_do_update(
                    index_elements=["collection", "label"], set_={"only_new": both}
                )
                connection.execute(given, grants)
        return self.get(collection.uri)

    def find(self, uri: str) -> Collection | None:
        found = self._list(collections.c.uri == uri)
        return found[0] if found else None

    def get(self, uri: str) -> Collection:
        """Raises NotFound."""
        if found := self.find(uri):
            return found
        raise NotFound(f"There is no collection {uri}.")

    def all(self) -> list[Collection]:
        """Every collection, by uri."""
        return self._list()

    def troubled(self, most: int) -> list[Collection]:
        """Collections whose trouble is not over, by uri; at most so many."""
        is_troubled = (collections.c.failures > 0) | (collections.c.reason != "")
        uris = select(collections.c.uri).where(is_troubled).order_by(collections.c.uri).limit(most)
        return self._list(collections.c.uri.in_(uris))

    def due(self, now: datetime, limit: int = 100) -> list[Collection]:
        """Those to read now, the longest due first, without those that a job will read anyway."""
        coming = exists().where(
            jobs.c.key == collections.c.uri,
            jobs.c.kind == JobKind.COLLECTION,
            jobs.c.state.in_([JobState.WAITING, JobState.FAILED]),
            ~jobs.c.request.startswith(CHANGED),
        )
        first = (
            select(collections.c.uri)
            .where(collections.c.next_at <= now, ~coming)
            .order_by(collections.c.next_at, collections.c.uri)
            .limit(limit)
        )
        found = self._list(collections.c.uri.in_(first))
        return sorted(found, key=lambda each: (each.next_at or now, each.uri))

    def make_due(self, uri: str, now: datetime) -> None:
        """Lets a collection be read now; also once more after a reading that runs now.

        Raises NotFound.
        """
        statement = update(collections).where(collections.c.uri == uri).values(next_at=now)
        with self._db.session() as connection:
            if not connection.execute(statement).rowcount:
                raise NotFound(f"There is no collection {uri}.")

    def record(self, before: Collection, after: Collection) -> None:
        """Stores how a reading ended; ``before`` is the collection as the reading began.

        A collection that was removed meanwhile stays removed.
        """
        due = collections.c.next_at
        was_due = due.is_(None) if before.next_at is None else due == before.next_at
        statement = (
            update(collections)
            .where(collections.c.uri == before.uri)
            .values(
                read_at=after.read_at,
                title=after.title,
                cursor=case(
                    (collections.c.options == before.options, after.cursor),
                    else_=collections.c.cursor,
                ),
                failures=after.failures,
                reason=after.reason,
                next_at=case((was_due, after.next_at), else_=due),
            )
        )
        ended = delete(collection_progress).where(collection_progress.c.collection == before.uri)
        with self._db.session() as connection:
            connection.execute(statement)
            connection.execute(ended)

    def told(self, uri: str, trouble: Trouble) -> None:
        """Stores of what the person who added the collection was told last."""
        statement = update(collections).where(collections.c.uri == uri).values(told=trouble)
        with self._db.session() as connection:
            connection.execute(statement)

    def withdraw(self, uri: str, audience: Audience | None = None) -> bool:
        """Takes a collection from ``audience``, or from all; if nobody has it then, deletes it.

        Returns whether it is deleted. The sources in it do not change. If those who are told of its
        troubles may not read it any more, another channel is told that still has it.
        """
        given = collection_grants.c.collection == uri
        taken = delete(collection_grants).where(given)
        if audience is not None:
            taken = taken.where(collection_grants.c.label.in_(sorted(audience.labels)))
        with self._db.session() as connection:
            # The lock is held until the end, so that nobody adds a reader before the removal.
            locked = select(collections.c.uri).where(collections.c.uri == uri).with_for_update()
            connection.execute(locked)
            connection.execute(taken)
            left = next(iter(_read(connection, collections.c.uri == uri)), None)
            if left is None or not left.readers.labels:
                connection.execute(delete(collections).where(collections.c.uri == uri))
                return True
            is_taken = audience is not None and left.told_in in audience.labels
            if left.report and (is_taken or not left.tells_readers):
                _tell_elsewhere(connection, left)
        return False

    def show_progress(self, progress: CollectionProgress) -> None:
        """Stores how far a reading is. A collection that was removed has none."""
        row = values(progress)
        known = select(collections.c.uri).where(collections.c.uri == progress.collection)
        with self._db.session() as connection:
            if connection.execute(known.with_for_update(read=True, key_share=True)).first() is None:
                return
            new = insert(connection, collection_progress).values(row)
            connection.execute(new.on_conflict_do_update(index_elements=["collection"], set_=row))

    def progress(self) -> list[CollectionProgress]:
        """How far each reading is; one that was not seen for some minutes has ended unfinished."""
        query = select(*_PROGRESS).order_by(collection_progress.c.collection)
        with self._db.reading() as connection:
            return every(connection, CollectionProgress, query)

    def counts(self) -> dict[str, dict[SourceState, int]]:
        """How many sources of each state every collection has, without removed ones."""
        state = sources.c.state
        query = (
            select(members.c.collection, state, func.count())
            .join(sources, sources.c.uri == members.c.source)
            .where(state != SourceState.REMOVED)
            .group_by(members.c.collection, state)
        )
        found: dict[str, dict[SourceState, int]] = {}
        with self._db.reading(long=True) as connection:
            for collection, each, count in connection.execute(query):
                found.setdefault(collection, {})[each] = count
        return found

    def alone(self) -> frozenset[str]:
        """The sources that are in no collection, and that somebody may read."""
        query = select(sources.c.uri).where(
            sources.c.state != SourceState.REMOVED,
            exists().where(grants.c.source == sources.c.uri),
            ~exists().where(members.c.source == sources.c.uri),
        )
        with self._db.reading(long=True) as connection:
            return frozenset(connection.execute(query).scalars())

    def of(self, source: str) -> list[str]:
        """The collections in which a source was found."""
        query = (
            select(members.c.collection)
            .where(members.c.source == source)
            .order_by(members.c.collection)
        )
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())

    def _list(self, *conditions: ColumnElement[bool]) -> list[Collection]:
        with self._db.reading() as connection:
            return _read(connection, *conditions)


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[Collection]:
    query = (
        select(*_ROW, collection_grants.c.label, collection_grants.c.only_new)
        .join_from(collections, collection_grants, isouter=True)
        .where(*conditions)
        .order_by(collections.c.uri)
    )
    rows = connection.execute(query).all()
    return [_collection(list(own)) for _, own in groupby(rows, key=lambda row: row.uri)]


def _tell_elsewhere(connection: Connection, collection: Collection) -> None:
    """Lets the channel be told that was given all of it first, or none if only people were."""
    known = collection_grants.c
    query = (
        select(known.label, known.by)
        .where(known.collection == collection.uri, ~known.only_new)
        .order_by(known.since, known.label)
    )
    given = [row for row in connection.execute(query) if is_label(row.label)]
    new = {"report": ""}
    if channels := [row for row in given if is_channel(row.label)]:
        team, channel = channels[0].label.split(":")[1:]
        new = {"report": f"slack:{team}:{channel}:", "requested_by": channels[0].by}
    told = update(collections).where(collections.c.uri == collection.uri)
    # Who is told from now on knows of no trouble yet.
    connection.execute(told.values(**new, told=Trouble.NONE))


def _grants(
    collection: Collection, audience: Audience, *, only_new: bool
) -> list[dict[str, object]]:
    return [
        {
            "collection": collection.uri,
            "label": label,
            "by": collection.requested_by,
            "since": collection.added_at,
            "only_new": only_new,
        }
        for label in sorted(audience.labels)
    ]


def _collection(rows: list[Any]) -> Collection:
    """A collection from its rows: one row for each label, or one row without a label."""
    own = dict(zip(_OWN, rows[0], strict=False))
    every = Audience.of(*(row.label for row in rows if row.only_new is False))
    only_new = Audience.of(*(row.label for row in rows if row.only_new))
    return Collection(**own, audience=every, for_new=only_new)
