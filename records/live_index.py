"""Stores which index answers; another one may be built beside it at the same time."""

from datetime import datetime

from sqlalchemy import delete, select

from domain.documents import IndexName
from records.database import Database
from records.rows import insert
from records.tables import live_index


class LiveIndex:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self) -> IndexName | None:
        """The index that answers; None before any was used."""
        with self._db.reading() as connection:
            row = connection.execute(select(live_index.c.model, live_index.c.name)).first()
        return IndexName(row.model, row.name) if row else None

    def use(self, index: IndexName, at: datetime) -> None:
        """From now on ``index`` answers, and no other one."""
        with self._db.session() as connection:
            is_other = (live_index.c.model != index.model) | (live_index.c.name != index.name)
            connection.execute(delete(live_index).where(is_other))
            row = insert(connection, live_index).values(
                model=index.model, name=index.name, since=at
            )
            connection.execute(row.on_conflict_do_nothing())
