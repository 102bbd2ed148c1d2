"""The questions: who asked what, and which message shows the answer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from domain.errors import NotFound
from domain.jobs import Hold, JobKind, JobState, NewJob
from domain.questions import Answer, Audience, Message, Question
from domain.rules import NO_RULES, Rules
from records.cards import forget_who_asked
from records.database import Database
from records.forgetting import forget_histories
from records.jobs import add_jobs, stop_jobs
from records.rows import ANSWER, QUESTION, every, first, insert, values
from records.tables import NOT_DONE, answers, jobs, questions

Claim = tuple[Question, NewJob]


class Questions:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def claim(self, wanted: Sequence[Claim], hold: Hold | None = None) -> Mapping[str, int]:
        """Stores questions with their jobs in one transaction; returns the new questions' job ids.

        If several threads or processes claim the same question at once, only one gets it. With
        ``hold`` only that process may take the job. A question that was dropped is not stored again
        by the same request, which may be sent again.
        """
        with self._db.session() as connection:
            statement = insert(connection, questions).on_conflict_do_nothing()
            rows = [values(question) for question, _ in wanted]
            kept = connection.execute(statement.returning(questions.c.id), rows).scalars().all()
            new = {job.key: job for _, job in reversed(wanted) if job.key in kept}
            added = add_jobs(connection, new.values(), hold)
            if known := set(kept) - added.keys():
                connection.execute(delete(questions).where(questions.c.id.in_(known)))
            return added

    def find(self, question_id: str) -> Question | None:
        query = select(*QUESTION).where(questions.c.id == question_id)
        with self._db.reading() as connection:
            return first(connection, Question, query)

    def unfinished(self) -> list[Question]:
        """The questions whose jobs are neither done nor given up, oldest first."""
        query = (
            select(*QUESTION)
            .join_from(jobs, questions, questions.c.id == jobs.c.key)
            .where(NOT_DONE, jobs.c.kind == JobKind.QUESTION)
            .where(jobs.c.state != JobState.QUARANTINED)
            .order_by(questions.c.asked_at, questions.c.id)
        )
        with self._db.reading() as connection:
            return every(connection, Question, query)

    def is_open_in(self, place: str) -> bool:
        """Whether a question is not done whose thread's name begins with ``place``."""
        query = (
            select(questions.c.id)
            .join_from(jobs, questions, questions.c.id == jobs.c.key)
            .where(NOT_DONE, jobs.c.kind == JobKind.QUESTION)
            .where(jobs.c.state != JobState.QUARANTINED)
            .where(questions.c.thread.startswith(place, autoescape=True))
        )
        with self._db.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def set_audience(self, question_id: str, audience: Audience, rules: Rules = NO_RULES) -> None:
        """Stores which documents may be used for the answer, and what else holds for it.

        Raises NotFound.
        """
        self._change(question_id, audience=audience, rules=rules)

    def set_history(self, question_id: str, history: tuple[Message, ...]) -> None:
        """Stores what was said before the question. Raises NotFound."""
        self._change(question_id, history=history)

    def set_histories_beside(self, question: Question, history: tuple[Message, ...]) -> None:
        """Stores this for each other question that was asked in its thread and has a history."""
        there = or_(questions.c.thread == question.thread, questions.c.asked_in == question.thread)
        others = select(questions.c.id, questions.c.history).where(there)
        others = others.where(questions.c.id != question.id)
        with self._db.session() as connection:
            having = [row.id for row in connection.execute(others) if row.history]
            changed = update(questions).where(questions.c.id.in_(having))
            connection.execute(changed.values(history=history))

    def is_thread(self, thread: str) -> bool:
        """Whether a question was asked in a conversation."""
        query = select(questions.c.id).where(questions.c.thread == thread, questions.c.thread != "")
        with self._db.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def drop(self, question_id: str) -> None:
        """Deletes a question that was none, or is none any more, with its answer and ratings.

        Histories that may quote them are emptied: later nobody could tell that they do.
        """
        its = questions.c.id == question_id
        answered = select(questions.c.thread, questions.c.asked_in).join(answers).where(its)
        with self._db.session() as connection:
            forget_who_asked(connection, [question_id])
            quoted = connection.execute(answered).first() or ()
            connection.execute(delete(questions).where(its))
            forget_histories(connection, [place for place in quoted if place])

    def set_asked(self, question_id: str, text: str, thread: str) -> None:
        """Stores what is asked, and in which conversation. Raises NotFound."""
        self._change(question_id, text=text, thread=thread)

    def set_reply(self, question_id: str, reply: str) -> None:
        """Stores the Slack message that shows the answer. Raises NotFound."""
        self._change(question_id, reply=reply)

    def move(self, question: Question, reply: str = "") -> None:
        """Stores where the answer is shown now, to whom, and in which message. Raises NotFound."""
        self._change(
            question.id,
            thread=question.thread,
            asked_in=question.asked_in,
            audience=question.audience,
            reply=reply,
        )

    def reply_of(self, question_id: str) -> str:
        """The Slack message that shows the answer; empty if there is none or no question."""
        query = select(questions.c.reply).where(questions.c.id == question_id)
        with self._db.reading() as connection:
            return connection.execute(query).scalar() or ""

    def is_reply(self, reply: str) -> bool:
        """Whether the Slack message ``reply`` belongs to a question."""
        query = select(questions.c.id).where(questions.c.reply == reply, questions.c.reply != "")
        with self._db.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

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

    def revise(self, question_id: str, text: str) -> None:
        """Replaces a question's text; an answer to another text is deleted, with its ratings."""
        statement = update(questions).where(questions.c.id == question_id, questions.c.text != text)
        with self._db.session() as connection:
            if connection.execute(statement.values(text=text)).rowcount:
                connection.execute(delete(answers).where(answers.c.question_id == question_id))

    def stop(
        self,
        thread: str,
        until: datetime,
        replies: Collection[str] = (),
        *,
        wanted: Callable[[str], bool],
        now: datetime,
    ) -> frozenset[int]:
        """Ends the open jobs of the questions of ``thread`` that were asked until a time.

        So it does with those that the Slack messages ``replies`` show; it returns the jobs' ids.
        ``wanted`` says by its payload whether a job is ended. Nothing of the answers is kept that
        were made since these jobs were added: people have not seen them whole.
        """
        of_thread = and_(
            questions.c.thread == thread, questions.c.thread != "", questions.c.asked_at <= until
        )
        shown = and_(questions.c.reply.in_(replies), questions.c.reply != "")
        return self._stop(or_(of_thread, shown), wanted, now)

    def stop_one(
        self, question_id: str, *, wanted: Callable[[str], bool], now: datetime
    ) -> frozenset[int]:
        """Ends the jobs of a question as ``stop`` does."""
        return self._stop(questions.c.id == question_id, wanted, now)

    def _stop(
        self, which: ColumnElement[bool], wanted: Callable[[str], bool], now: datetime
    ) -> frozenset[int]:
        keys = select(questions.c.id).where(which)
        with self._db.session() as connection:
            stopped = stop_jobs(connection, keys, wanted, now)
            made_by = exists().where(
                jobs.c.id.in_(stopped),
                jobs.c.key == answers.c.question_id,
                jobs.c.created_at <= answers.c.created_at,
            )
            connection.execute(delete(answers).where(made_by))
        return frozenset(stopped)

    def _change(self, question_id: str, **columns: object) -> None:
        statement = update(questions).where(questions.c.id == question_id).values(columns)
        with self._db.session() as connection:
            if not connection.execute(statement).rowcount:
                raise NotFound(f"There is no question {question_id}.")
