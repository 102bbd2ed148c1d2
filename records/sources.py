"""The sources: the state of each, and who may read it. Implements domain's SourceLedger."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, literal, select, type_coerce, update

from domain.documents import Source, SourceState
from domain.errors import NotFound
from domain.questions import Audience
from records.columns import encode_text
from records.database import Database
from records.grants import add_grants, drop_grants
from records.rows import insert
from records.tables import grants, sources

_OWN = [field.name for field in fields(Source) if field.name != "audience"]
"""The fields of a source that are columns of its row; its audience is in the grants."""
_ROW = [sources.c[name] for name in _OWN]
_BEFORE_SURROGATES, _AFTER_SURROGATES, _LAST = 0xD7FF, 0xE000, 0x10FFFF


class Sources:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, uri: str) -> Source | None:
        found = self._list(sources.c.uri == uri)
        return found[0] if found else None

    def save(self, source: Source) -> None:
        """Inserts or replaces the row of ``source.uri``.

        A new source is granted to its audience. The grants of a known source do not change, so that
        saving a row that was read a while ago takes the source from nobody.
        """
        row = {name: getattr(source, name) for name in _OWN}
        with self._db.session() as connection:
            new = insert(connection, sources).values(row).on_conflict_do_nothing()
            if connection.execute(new.returning(sources.c.uri)).first():
                by, at = source.requested_by, source.updated_at
                add_grants(connection, source.uri, source.audience, by, at)
            else:
                connection.execute(update(sources).where(sources.c.uri == source.uri).values(row))

    def grant(self, uri: str, audience: Audience, by: str, at: datetime) -> None:
        """Lets ``audience`` read a known source too. Raises NotFound."""
        query = select(sources.c.uri).where(sources.c.uri == uri)
        with self._db.session() as connection:
            held = query.with_for_update(read=True, key_share=True)
            if connection.execute(held).first() is None:
                raise NotFound(f"There is no source {uri}.")
            add_grants(connection, uri, audience, by, at)

    def withdraw(self, uri: str, audience: Audience | None, at: datetime) -> None:
        """Takes a source from ``audience``, or from all; if nobody may read it then, removes it."""
        row = sources.c.uri == uri
        gone = {
            "state": SourceState.REMOVED,
            "checksum": "",
            "chunks": 0,
            "reason": "",
            "notes": "",
        }
        with self._db.session() as connection:
            # The lock is held until the end, so that nobody adds a grant before the removal.
            connection.execute(select(sources.c.uri).where(row).with_for_update())
            drop_grants(connection, uri, audience)
            left = select(grants.c.label).where(grants.c.source == uri).limit(1)
            if connection.execute(left).first() is None:
                connection.execute(update(sources).where(row).values(**gone, updated_at=at))

    def under(self, prefix: str) -> list[Source]:
        """The sources whose uri starts with ``prefix``, without removed ones, ordered by uri."""
        return self._list(_starts_with(prefix), sources.c.state != SourceState.REMOVED)

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
