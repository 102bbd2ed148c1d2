"""Which index answers: there is one for each embedding model that is or was in use."""

from datetime import datetime

from sqlalchemy import delete, select

from records.database import Database
from records.rows import insert
from records.tables import live_index


class LiveIndex:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def model(self) -> str | None:
        """The embedding model of the index that answers; None before anything was indexed."""
        with self._db.reading() as connection:
            return connection.execute(select(live_index.c.model)).scalar()

    def use(self, model: str, at: datetime) -> None:
        """From now on the index of ``model`` answers, and no other one."""
        with self._db.session() as connection:
            connection.execute(delete(live_index).where(live_index.c.model != model))
            row = insert(connection, live_index).values(model=model, since=at)
            connection.execute(row.on_conflict_do_nothing())
