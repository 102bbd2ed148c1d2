"""The answers, with their passages and models. Implements domain's AnswerLog."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from domain.errors import NotFound
from domain.questions import Answer, AnswerKind, Message, Question, RatedAnswer
from records.answer_marks import mark_answer, mark_ratings
from records.database import Database
from records.given_ratings import ratings_of
from records.rows import ANSWER, QUESTION, first, insert, rated_answer, values
from records.tables import answer_marks, answers, questions, rating_inputs, retrieval_cases

T = TypeVar("T")

_TURN = questions.c.text, answers.c.text
_REMEMBERED = 3
"""The most earlier questions in a history, each with its answer: 6 turns."""


class Answers:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def ask(self, question: Question) -> None:
        """Stores the question, unless one with the same id is stored already."""
        with self._db.session() as connection:
            statement = insert(connection, questions).values(values(question))
            connection.execute(statement.on_conflict_do_nothing())

    def answer_to(self, question_id: str) -> Answer | None:
        query = select(*ANSWER).where(answers.c.question_id == question_id)
        with self._db.reading() as connection:
            return first(connection, Answer, query)

    def record(self, answer: Answer, instead_of: Answer | None = None) -> Answer:
        """Stores the answer and returns it; if its question has one already, returns that one.

        If that is ``instead_of``, it is replaced. What people wrote about it stays, since it is
        about the same question; their ratings count for a new text no more. Raises NotFound if the
        question was never asked, or has been deleted.
        """
        stored = select(*ANSWER).where(answers.c.question_id == answer.question_id)
        with self._db.session() as connection:
            self._hold(connection, answer.question_id)
            if instead_of:
                _replace(connection, instead_of, answer)
            statement = insert(connection, answers).values(values(answer))
            connection.execute(statement.on_conflict_do_nothing())
            kept = Answer(*connection.execute(stored).one())
            mark_answer(connection, kept)
            return kept

    def delete(self, question_id: str, since: datetime | None = None) -> None:
        """Deletes the answer to a question, if it has one, with its ratings.

        With ``since`` only one that was made from then on.
        """
        statement = delete(answers).where(answers.c.question_id == question_id)
        if since is not None:
            statement = statement.where(answers.c.created_at >= since)
        with self._db.session() as connection:
            connection.execute(statement)

    def get(self, answer_id: str) -> Answer:
        """Raises NotFound."""
        query = select(*ANSWER).where(answers.c.id == answer_id)
        with self._db.reading() as connection:
            found = first(connection, Answer, query)
        return _known(found, answer_id)

    def question_of(self, answer_id: str) -> Question:
        """The question that the answer belongs to. Raises NotFound."""
        query = select(*QUESTION).join(answers).where(answers.c.id == answer_id)
        with self._db.reading() as connection:
            found = first(connection, Question, query)
        return _known(found, answer_id)

    def history(self, thread: str, before: datetime) -> tuple[Message, ...]:
        """The last turns of a conversation that were asked before ``before``, oldest first.

        At most 3 questions with their answers: 6 messages. Refused and quoted answers are left out
        with their questions, since the model did not write them.
        """
        query = _answered_before(thread, before, _REMEMBERED, *_TURN)
        return self._turns(query)

    def history_in(
        self, conversation: str, since: datetime, before: datetime
    ) -> tuple[Message, ...]:
        """The same of all threads of a conversation whose questions were asked ``since``.

        ``conversation`` is what the ids of its questions begin with.
        """
        query = (
            _answered(_REMEMBERED, *_TURN)
            .where(questions.c.id.startswith(conversation, autoescape=True))
            .where(questions.c.asked_at >= since, questions.c.asked_at < before)
        )
        return self._turns(query)

    def _turns(self, query: Select[Any]) -> tuple[Message, ...]:
        """The turns of questions with their answers, of which the newest comes first."""
        with self._db.reading() as connection:
            pairs = connection.execute(query).all()
        return tuple(
            turn
            for asked, told in reversed(pairs)
            for turn in (Message("user", asked), Message("assistant", told))
        )

    def earlier(self, thread: str, before: datetime, limit: int) -> list[RatedAnswer]:
        """The latest ``limit`` answered questions of a thread before a time, oldest first.

        They are those that histories are made from. Their ratings are not read.
        """
        query = _answered_before(thread, before, limit, *QUESTION, *ANSWER)
        with self._db.reading() as connection:
            return [rated_answer(row) for row in connection.execute(query)][::-1]

    def of_person(self, person: str, limit: int, team: str) -> list[RatedAnswer]:
        """The latest answers to a person's questions, newest first, without their ratings.

        Another workspace may have another person with the same id.
        """
        return self.asked_by(person, f"slack:{team}:", limit)

    def asked_by(self, person: str, begins: str, limit: int) -> list[RatedAnswer]:
        """The same of the questions whose ids begin so, wherever they were asked."""
        here = questions.c.id.startswith(begins, autoescape=True)
        query = (
            select(*QUESTION, *ANSWER)
            .join_from(questions, answers)
            .where(questions.c.asked_by == person, here)
            .order_by(questions.c.asked_at.desc(), questions.c.id)
            .limit(limit)
        )
        with self._db.reading() as connection:
            return [rated_answer(row) for row in connection.execute(query)]

    def recent(self, limit: int = 20) -> list[RatedAnswer]:
        """The latest answers, newest first, each with its question and all of its ratings."""
        query = (
            select(*QUESTION, *ANSWER)
            .join_from(questions, answers)
            .order_by(answers.c.created_at.desc(), answers.c.id)
            .limit(limit)
        )
        with self._db.reading() as connection:
            found = [rated_answer(row) for row in connection.execute(query)]
            given = ratings_of(connection, [item.answer.id for item in found])
        return [replace(item, ratings=given.get(item.answer.id, ())) for item in found]

    def latest_kinds(self, limit: int) -> list[tuple[datetime, AnswerKind]]:
        """When the latest answers were made, newest first, and their kinds."""
        query = select(answers.c.created_at, answers.c.kind)
        with self._db.reading() as connection:
            rows = connection.execute(query.order_by(answers.c.created_at.desc()).limit(limit))
            return [(row.created_at, row.kind) for row in rows]

    def _hold(self, connection: Connection, question_id: str) -> None:
        """Locks the question, so that nobody deletes it before the transaction ends."""
        query = select(questions.c.id).where(questions.c.id == question_id)
        if connection.execute(query.with_for_update(read=True, key_share=True)).first() is None:
            raise NotFound(f"There is no question {question_id}.")


def _replace(connection: Connection, old: Answer, new: Answer) -> None:
    """Replaces an answer, unless another transaction has done that, or has deleted it."""
    is_old = answers.c.id == old.id, answers.c.created_at == old.created_at
    if not connection.execute(update(answers).where(*is_old).values(values(new))).rowcount:
        return
    connection.execute(delete(answer_marks).where(answer_marks.c.answer_id == old.id))
    if (new.kind, new.text) != (old.kind, old.text):
        for table in (rating_inputs, retrieval_cases):
            connection.execute(delete(table).where(table.c.answer_id == old.id))
    mark_ratings(connection, [old.id])


def _answered_before(
    thread: str, before: datetime, limit: int, *columns: ColumnElement[Any]
) -> Select[Any]:
    """The latest ``limit`` questions of a thread that the model answered, newest first."""
    return _answered(limit, *columns).where(
        questions.c.thread == thread, questions.c.thread != "", questions.c.asked_at < before
    )


def _answered(limit: int, *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(questions, answers)
        .where(answers.c.kind == AnswerKind.ANSWERED)
        .order_by(questions.c.asked_at.desc(), questions.c.id.desc())
        .limit(limit)
    )


def _known(found: T | None, answer_id: str) -> T:
    if found is None:
        raise NotFound(f"There is no answer {answer_id}.")
    return found
