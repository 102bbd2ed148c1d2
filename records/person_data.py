"""Reads what is stored about one person, to be given to them."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Table, func, select, union

from domain.console import AuditEntry
from domain.person_data import PersonInNumbers
from domain.questions import Answer, Question
from domain.ratings import Correction, RatingInput
from records.database import Database
from records.rows import ANSWER, CORRECTION, QUESTION, RATING_INPUT, columns, every
from records.tables import (
    answers,
    audit,
    collections,
    corrections,
    grants,
    questions,
    rating_inputs,
    sources,
)

_AT_ONCE = 200


class PersonData:
    """Every method raises DatabaseUnavailable. ``person`` is an id as it is stored: Slack's."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def in_numbers(self, person: str) -> PersonInNumbers:
        return PersonInNumbers(
            self._count(questions, questions.c.asked_by == person),
            self._count(rating_inputs, (rating_inputs.c.by == person) & rating_inputs.c.stands),
            self._count(corrections, (corrections.c.by == person) & corrections.c.stands),
            len(self.sources(person)),
            self._count(audit, audit.c.by == person),
        )

    def questions(self, person: str) -> Iterator[tuple[Question, Answer | None]]:
        """What they asked, with the answers, in the order of the ids."""
        middle, last = len(QUESTION), ""
        while True:
            query = (
                select(*QUESTION, *ANSWER)
                .join_from(questions, answers, isouter=True)
                .where(questions.c.asked_by == person, questions.c.id > last)
                .order_by(questions.c.id)
                .limit(_AT_ONCE)
            )
            with self._db.reading() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                asked = Question(*row[:middle])
                yield asked, Answer(*row[middle:]) if row[middle] is not None else None
                last = asked.id
            if len(rows) < _AT_ONCE:
                return

    def ratings(self, person: str) -> list[RatingInput]:
        """What they pressed; not what they took back."""
        query = select(*RATING_INPUT).where(rating_inputs.c.by == person, rating_inputs.c.stands)
        with self._db.reading() as connection:
            return every(connection, RatingInput, query.order_by(rating_inputs.c.at))

    def corrections(self, person: str) -> list[tuple[Correction, Question]]:
        """What they wrote about answers, with the questions."""
        middle = len(CORRECTION)
        query = (
            select(*CORRECTION, *QUESTION)
            .join_from(corrections, answers)
            .join(questions)
            .where(corrections.c.by == person, corrections.c.stands)
            .order_by(corrections.c.at)
        )
        with self._db.reading() as connection:
            return [
                (Correction(*row[:middle]), Question(*row[middle:]))
                for row in connection.execute(query)
            ]

    def sources(self, person: str) -> list[str]:
        """The uris that they asked to be read, or gave to others."""
        query = union(
            select(sources.c.uri).where(sources.c.requested_by == person),
            select(grants.c.source).where(grants.c.by == person),
            select(collections.c.uri).where(collections.c.requested_by == person),
        )
        with self._db.reading() as connection:
            return sorted(connection.execute(query).scalars())

    def changes(self, person: str) -> list[AuditEntry]:
        """What they did in the console."""
        query = select(*columns(audit, AuditEntry)).where(audit.c.by == person)
        with self._db.reading() as connection:
            return every(connection, AuditEntry, query.order_by(audit.c.id))

    def _count(self, table: Table, theirs: ColumnElement[bool]) -> int:
        with self._db.reading() as connection:
            query = select(func.count()).select_from(table).where(theirs)
            return connection.execute(query).scalar_one()
