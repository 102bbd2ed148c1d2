"""Deletes old rows in small transactions, so that no other program has to wait."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Table, TextClause, and_, delete, select

from domain.jobs import JobState
from records.cards import forget_who_asked
from records.database import Database
from records.night_rows import delete_rows_of
from records.tables import (
    DONE,
    NOT_DONE,
    answers,
    audit,
    jobs,
    night_rows,
    questions,
    training_runs,
)

_AT_ONCE = 200
"""The most rows that one transaction deletes."""

# Few jobs are not done, and an index has only these.
_QUARANTINED = and_(NOT_DONE, jobs.c.state == JobState.QUARANTINED)


class Retention:
    """Every method raises DatabaseUnavailable, and can be called again after it was interrupted."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def delete_questions(self, before: datetime, first: Callable[[Collection[str]], object]) -> int:
        """Deletes questions asked before a time, with answers and ratings; returns how many.

        ``first`` is called with the ids of answers before they are deleted, to delete copies of
        them elsewhere. So after a crash no copies are left without their answers.
        """
        query = (
            select(questions.c.id, answers.c.id)
            .join_from(questions, answers, isouter=True)
            .where(questions.c.asked_at < before)
            .order_by(questions.c.asked_at)
            .limit(_AT_ONCE)
        )
        deleted = 0
        while True:
            with self._db.reading() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return deleted
            answer_ids = [answer_id for _, answer_id in rows if answer_id is not None]
            first(answer_ids)
            ids = [question_id for question_id, _ in rows]
            with self._db.session() as connection:
                delete_rows_of(connection, answer_ids)
                forget_who_asked(connection, ids)
                statement = delete(questions).where(questions.c.id.in_(ids))
                deleted += connection.execute(statement).rowcount

    def delete_jobs(self, before: datetime) -> int:
        """Deletes jobs that were done, or put into quarantine, before a time; returns how many."""
        return sum(self._delete_jobs(ended, before) for ended in (DONE, _QUARANTINED))

    def delete_night_rows(self, before: datetime) -> int:
        """Deletes what became of each answer in nights that began before a time; returns how many.

        The nights themselves stay.
        """
        old = select(training_runs.c.id).where(training_runs.c.started_at < before)
        query = select(night_rows.c.run).where(night_rows.c.run.in_(old)).distinct().limit(1)
        deleted = 0
        while True:
            with self._db.session() as connection:
                run = connection.execute(query).scalar()
                if run is None:
                    return deleted
                statement = delete(night_rows).where(night_rows.c.run == run)
                deleted += connection.execute(statement).rowcount

    def delete_audit(self, before: datetime) -> int:
        """Deletes what the audit log has from before a time; returns how many rows."""
        return self._delete(audit, audit.c.at < before, audit.c.at)

    def _delete_jobs(self, ended: ColumnElement[bool] | TextClause, before: datetime) -> int:
        old = and_(ended, jobs.c.updated_at < before)
        return self._delete(jobs, old, jobs.c.updated_at)

    def _delete(self, table: Table, old: ColumnElement[bool], at: ColumnElement[datetime]) -> int:
        query = select(table.c.id).where(old).order_by(at).limit(_AT_ONCE)
        deleted = 0
        while True:
            with self._db.session() as connection:
                ids = list(connection.execute(query).scalars())
                if not ids:
                    return deleted
                deleted += connection.execute(delete(table).where(table.c.id.in_(ids))).rowcount
