"""Who asked what, whether it is answered, and where the answer is shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from domain.errors import NotFound
from domain.questions import Answer, Question
from records.database import Database
from records.rows import ANSWER, QUESTION, every, first, insert, values
from records.tables import UNFINISHED, answers, questions, ratings


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were deleted at a person's request."""

    questions: int
    ratings: int


class Questions:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def claim(self, wanted: Sequence[Question], until: datetime | None = None) -> frozenset[str]:
        """Keeps questions for the caller to answer; the ids of those that nobody had before.

        All with one commit. Of several threads or processes that claim the same one at once, one
        has it, and holds it ``until`` then: up to that time, no other process takes it up.
        """
        with self._db.session() as connection:
            statement = insert(connection, questions).on_conflict_do_nothing()
            # SQLAlchemy does not keep an INSERT's row count on PostgreSQL: so the row tells itself.
            kept = statement.returning(questions.c.id)
            return frozenset(
                question.id
                for question in wanted
                if connection.execute(kept, {**values(question), "held_until": until}).scalar()
            )

    def hold(self, question_id: str, now: datetime, until: datetime) -> bool:
        """Takes an unfinished question up ``until`` then; of several that try at once, one does."""
        statement = update(questions).where(
            questions.c.id == question_id, questions.c.finished_at.is_(None), _is_free(now)
        )
        with self._db.session() as connection:
            return bool(connection.execute(statement.values(held_until=until)).rowcount)

    def keep_hold(self, question_ids: Collection[str], until: datetime) -> None:
        """Holds on to questions that are still being answered."""
        statement = update(questions).where(questions.c.id.in_(question_ids))
        with self._db.session() as connection:
            connection.execute(statement.values(held_until=until))

    def find(self, question_id: str) -> Question | None:
        query = select(*QUESTION).where(questions.c.id == question_id)
        with self._db.reading() as connection:
            return first(connection, Question, query)

    def unfinished(self, free_at: datetime | None = None) -> list[Question]:
        """The questions of Slack that were claimed and not finished, oldest first.

        With ``free_at``: those of them that nobody holds any more at that time.
        """
        query = select(*QUESTION).where(UNFINISHED)
        if free_at is not None:
            query = query.where(_is_free(free_at))
        with self._db.reading() as connection:
            return every(connection, Question, query.order_by(questions.c.asked_at, questions.c.id))

    def set_reply(self, question_id: str, reply: str) -> None:
        """Remembers the Slack message that shows the answer. Raises NotFound."""
        self._change(question_id, reply=reply)

    def reply_of(self, question_id: str) -> str:
        """The Slack message that shows the answer; empty if there is none, or no such question."""
        query = select(questions.c.reply).where(questions.c.id == question_id)
        with self._db.reading() as connection:
            return connection.execute(query).scalar() or ""

    def answer_at(self, reply: str) -> Answer | None:
        """The answer that the Slack message ``reply`` shows."""
        query = (
            select(*ANSWER)
            .join(questions, questions.c.id == answers.c.question_id)
            .where(questions.c.reply == reply, questions.c.reply != "")
            .order_by(answers.c.created_at.desc())
            .limit(1)
        )
        with self._db.reading() as connection:
            return first(connection, Answer, query)

    def finish(self, question_id: str, at: datetime) -> None:
        """The answer, or the error, was delivered. The first time stays. Raises NotFound."""
        self._change(question_id, finished_at=func.coalesce(questions.c.finished_at, at))

    def forget(self, person: str) -> Forgotten:
        """Deletes what ``person`` asked, with the answers and all of their ratings, and rated.

        Other people's questions in the same conversations lose their history, which may quote the
        person. Adapters that learned from the person's ratings stay until the next night.
        """
        asked = select(questions.c.id).where(questions.c.asked_by == person)
        rated = select(answers.c.id).where(answers.c.question_id.in_(asked))
        threads = select(questions.c.thread).where(
            questions.c.asked_by == person, questions.c.thread != ""
        )
        with self._db.session() as connection:
            theirs = or_(ratings.c.by == person, ratings.c.answer_id.in_(rated))
            gone = connection.execute(delete(ratings).where(theirs)).rowcount
            connection.execute(
                update(questions).where(questions.c.thread.in_(threads)).values(history=())
            )
            statement = delete(questions).where(questions.c.asked_by == person)
            return Forgotten(connection.execute(statement).rowcount, gone)

    def _change(self, question_id: str, **columns: object) -> None:
        statement = update(questions).where(questions.c.id == question_id).values(columns)
        with self._db.session() as connection:
            if not connection.execute(statement).rowcount:
                raise NotFound(f"There is no question {question_id}.")


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(questions.c.held_until.is_(None), questions.c.held_until < now)
