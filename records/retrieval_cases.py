"""Of bad answers whose right passage was not found: whether the search finds it by now."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from records.database import Database
from records.rows import insert
from records.tables import answers, retrieval_cases


class RetrievalCases:
    """Every method raises DatabaseUnavailable. There are no texts here."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, found: Mapping[str, bool], at: datetime) -> None:
        """Stores what a night found, by the answer's id, in place of what the one before found."""
        with self._db.session() as connection:
            connection.execute(delete(retrieval_cases))
            query = select(answers.c.id).where(answers.c.id.in_(found))
            there = connection.execute(query).scalars().all()
            rows = [{"answer_id": each, "found": found[each], "at": at} for each in there]
            if rows:
                connection.execute(insert(connection, retrieval_cases), rows)

    def found(self) -> dict[str, bool]:
        """Whether it was found when it was last looked for, by the answer's id."""
        query = select(retrieval_cases.c.answer_id, retrieval_cases.c.found)
        with self._db.reading() as connection:
            return {row.answer_id: row.found for row in connection.execute(query)}
