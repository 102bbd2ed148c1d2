"""What became of each source. Implements domain's SourceLedger."""

from sqlalchemy import ColumnElement, Text, and_, literal, select, type_coerce

from domain.documents import Source, SourceState
from records.columns import encode_text
from records.database import Database
from records.rows import columns, every, first, insert, values
from records.tables import sources

_SOURCE = columns(sources, Source)
_BEFORE_SURROGATES, _AFTER_SURROGATES, _LAST = 0xD7FF, 0xE000, 0x10FFFF


class Sources:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, uri: str) -> Source | None:
        with self._db.reading() as connection:
            query = select(*_SOURCE).where(sources.c.uri == uri)
            return first(connection, Source, query)

    def save(self, source: Source) -> None:
        """Inserts or replaces the row of ``source.uri``."""
        with self._db.session() as connection:
            statement = insert(connection, sources).values(row := values(source))
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["uri"],
                    set_={name: statement.excluded[name] for name in row if name != "uri"},
                )
            )

    def under(self, prefix: str) -> list[Source]:
        """The sources, removed ones left out, whose uri starts with ``prefix``, by uri."""
        return self._list(_starts_with(prefix), sources.c.state != SourceState.REMOVED)

    def all(self) -> list[Source]:
        """Every source that was ever asked for, removed ones too, by uri."""
        return self._list()

    def requested(self) -> list[Source]:
        """The sources whose reading a crash may have cut off, by uri."""
        return self._list(sources.c.state.in_([SourceState.REQUESTED, SourceState.FETCHING]))

    def _list(self, *conditions: ColumnElement[bool]) -> list[Source]:
        query = select(*_SOURCE).where(*conditions).order_by(sources.c.uri)
        with self._db.reading() as connection:
            return every(connection, Source, query)


def _starts_with(prefix: str) -> ColumnElement[bool]:
    """A range that the primary key's index finds; LIKE would ignore case and know wildcards."""
    low = encode_text(prefix)
    uri = type_coerce(sources.c.uri, Text)
    high = _successor(low)
    return uri >= literal(low) if high is None else and_(uri >= low, uri < high)


def _successor(prefix: str) -> str | None:
    """The first text, by code points, behind all those that start with ``prefix``, if any."""
    stem = prefix.rstrip(chr(_LAST))
    if not stem:
        return None
    last = ord(stem[-1])
    return stem[:-1] + chr(_AFTER_SURROGATES if last == _BEFORE_SURROGATES else last + 1)
