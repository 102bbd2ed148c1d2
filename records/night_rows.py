"""What became of each rated answer in each night. A row has no words, and nobody's id."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select, union

from domain.night_rows import NightRow
from records.database import Database
from records.rows import columns, every, insert, values
from records.tables import answers, cards, night_rows

_ROW = columns(night_rows, NightRow)
_AT_ONCE = 200
"""The most rows in one statement."""


class NightRows:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, run_id: str, rows: Sequence[NightRow]) -> None:
        """Stores the rows of a run in place of those that it had.

        What was deleted meanwhile gets no row: nobody would delete it later.
        """
        with self._db.session(long=True) as connection:
            connection.execute(delete(night_rows).where(night_rows.c.run == run_id))
            for start in range(0, len(rows), _AT_ONCE):
                _keep(connection, run_id, rows[start : start + _AT_ONCE])

    def of_run(self, run_id: str) -> list[NightRow]:
        query = select(*_ROW).where(night_rows.c.run == run_id).order_by(night_rows.c.answer_id)
        with self._db.reading(long=True) as connection:
            return every(connection, NightRow, query)


def _keep(connection: Connection, run_id: str, rows: Sequence[NightRow]) -> None:
    ids = [row.answer_id for row in rows]
    known = select(answers.c.id).where(answers.c.id.in_(ids))
    written = select(cards.c.id).where(cards.c.id.in_(ids))
    there = set(connection.execute(union(known, written)).scalars())
    made = [values(row) | {"run": run_id} for row in rows if row.answer_id in there]
    if made:
        statement = insert(connection, night_rows).on_conflict_do_nothing()
        connection.execute(statement, made)


def delete_rows_of(connection: Connection, answer_ids: Iterable[str]) -> None:
    """Deletes what is known of these answers, or cards."""
    ids = list(answer_ids)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        connection.execute(delete(night_rows).where(night_rows.c.answer_id.in_(some)))
