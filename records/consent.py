"""Who does not want what they ask and say to be trained on."""

from sqlalchemy import delete, select

from records.database import Database
from records.rows import insert
from records.tables import kept_out_of_training


class Consent:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def kept_out(self) -> frozenset[str]:
        """The people whose questions, ratings and corrections are not trained on."""
        with self._db.reading() as connection:
            return frozenset(connection.execute(select(kept_out_of_training.c.person)).scalars())

    def kept_out_after(self, person: str, limit: int) -> list[str]:
        """Some of them, in order, after this one."""
        column = kept_out_of_training.c.person
        query = select(column).where(column > person).order_by(column).limit(limit)
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())

    def may_train(self, person: str) -> bool:
        query = select(kept_out_of_training.c.person).where(kept_out_of_training.c.person == person)
        with self._db.reading() as connection:
            return connection.execute(query).first() is None

    def choose(self, person: str, *, may_train: bool) -> None:
        """From the next night on it is so."""
        with self._db.session() as connection:
            if may_train:
                own = kept_out_of_training.c.person == person
                connection.execute(delete(kept_out_of_training).where(own))
            else:
                row = insert(connection, kept_out_of_training).values(person=person)
                connection.execute(row.on_conflict_do_nothing())
