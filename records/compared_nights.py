"""What each night saw of its candidate: the numbers on which later nights' decisions rest."""

from sqlalchemy import select

from domain.adapters import ComparedNight
from records.database import Database
from records.rows import columns, every, insert, values
from records.tables import adapters, compared_nights, training_runs

MOST = 60
"""How many nights are looked back on."""


class ComparedNights:
    """Every method raises DatabaseUnavailable. There are no texts here, only numbers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, night: ComparedNight) -> None:
        """Stores a night; storing the same one again does nothing."""
        with self._db.session() as connection:
            row = insert(connection, compared_nights).values(values(night))
            connection.execute(row.on_conflict_do_nothing())

    def of_base(self, base_model: str) -> list[ComparedNight]:
        """The latest nights, at most ``MOST``, whose candidates are adapters of ``base_model``.

        Oldest first. Adapters of another base model cannot be compared with today's.
        """
        query = (
            select(*columns(compared_nights, ComparedNight))
            .join(training_runs, training_runs.c.id == compared_nights.c.run)
            .join(adapters, adapters.c.name == compared_nights.c.candidate)
            .where(adapters.c.base_model == base_model)
            .order_by(training_runs.c.started_at.desc(), training_runs.c.id.desc())
            .limit(MOST)
        )
        with self._db.reading() as connection:
            return every(connection, ComparedNight, query)[::-1]
