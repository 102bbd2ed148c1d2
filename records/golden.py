"""The golden questions."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from domain.errors import NotFound, RecordsError
from domain.golden import MOST, Golden
from domain.text import truncate
from records.database import Database
from records.rows import columns, every, insert, values
from records.tables import golden

_GOLDEN = columns(golden, Golden)


class GoldenQuestions:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Golden]:
        """All golden questions, in the order in which they were added."""
        with self._db.reading() as connection:
            query = select(*_GOLDEN).order_by(golden.c.at, golden.c.id)
            return every(connection, Golden, query)

    def add(self, new: Sequence[Golden]) -> int:
        """Adds all of them or none; returns how many were not known.

        Raises RecordsError if there would be too many, or if one is known with another answer.
        """
        with self._db.session() as connection:
            known = {one.id: one for one in every(connection, Golden, select(*_GOLDEN))}
            unknown = {one.id: one for one in new if one.id not in known}
            for one in new:
                before = known.get(one.id) or unknown[one.id]
                if (before.answer, before.must_not) != (one.answer, one.must_not):
                    raise RecordsError(_conflict(one, is_known=one.id in known))
            if len(known) + len(unknown) > MOST:
                raise RecordsError(
                    f"There may be {MOST} golden questions: there are {len(known)}, and "
                    f"{len(unknown):,} would be added."
                )
            rows = [values(one) for one in unknown.values()]
            if rows:
                connection.execute(insert(connection, golden).on_conflict_do_nothing(), rows)
            return len(rows)

    def remove(self, ids: Sequence[str]) -> None:
        """Removes all of them or none. Raises NotFound."""
        with self._db.session() as connection:
            for one in dict.fromkeys(ids):
                if not connection.execute(delete(golden).where(golden.c.id == one)).rowcount:
                    raise NotFound(f"There is no golden question {one[:100]}.")


def _conflict(one: Golden, *, is_known: bool) -> str:
    asked = f"“{truncate(one.question, 80)}”"
    if is_known:
        remove = f"`phi3 golden remove {one.id}`"
        return f"{asked} is golden already, with another answer: remove that first ({remove})."
    return f"{asked} is there twice, with different answers."
