"""Reads what is stored about one person, to be given to them."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Table, func, select, union

from domain.console import AuditEntry
from domain.golden import Golden
from domain.person_data import PersonInNumbers
from domain.questions import Answer, Question
from domain.ratings import Correction, RatingInput
from records.answer_marks import of_source
from records.cards import Cards
from records.database import Database
from records.forgetting import is_known
from records.given_to_person import given_to_person
from records.rows import ANSWER, CORRECTION, QUESTION, RATING_INPUT, columns, every
from records.tables import (
    answer_marks,
    answers,
    audit,
    collections,
    corrections,
    golden,
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
        written = [card.source for card in Cards(self._db).answered_by(person)]
        alone = given_to_person(self._db, person).alone
        with self._db.reading() as connection:
            is_nothing = not is_known(connection, person)
        return PersonInNumbers(
            questions=self._count(questions, questions.c.asked_by == person),
            ratings=self._count(
                rating_inputs, (rating_inputs.c.by == person) & rating_inputs.c.stands
            ),
            corrections=self._count(
                corrections, (corrections.c.by == person) & corrections.c.stands
            ),
            sources=len(self.sources(person)),
            changes=self._count(audit, audit.c.by == person),
            cards=len(written),
            alone=len(alone),
            resting=self._answered_from(sorted({*written, *alone}), person),
            golden=self._count(golden, golden.c.by == person),
            is_nothing=is_nothing,
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

    def golden(self, person: str) -> list[Golden]:
        """The golden questions that they added."""
        query = select(*columns(golden, Golden)).where(golden.c.by == person)
        with self._db.reading() as connection:
            return every(connection, Golden, query.order_by(golden.c.at, golden.c.id))

    def _answered_from(self, uris: Sequence[str], person: str) -> int:
        """How many questions of others were answered from these sources."""
        others = (
            select(questions.c.id)
            .join_from(answer_marks, answers, answers.c.id == answer_marks.c.answer_id)
            .join(questions, questions.c.id == answers.c.question_id)
            .where(questions.c.asked_by != person)
        )
        found = set[str]()
        with self._db.reading() as connection:
            for start in range(0, len(uris), _AT_ONCE):
                marks = map(of_source, uris[start : start + _AT_ONCE])
                query = others.where(answer_marks.c.mark.in_(list(marks)))
                found |= set(connection.execute(query).scalars())
        return len(found)

    def _count(self, table: Table, theirs: ColumnElement[bool]) -> int:
        with self._db.reading() as connection:
            query = select(func.count()).select_from(table).where(theirs)
            return connection.execute(query).scalar_one()
