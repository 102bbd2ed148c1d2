"""Counts what is not done yet; each number comes from an index, or from a small table."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Table, exists, func, select
from sqlalchemy.sql.expression import ColumnElement, TextClause

from domain.documents import SourceState
from domain.gaps import RECENT, GapState
from domain.jobs import JobState
from domain.open_work import OpenWork
from records.database import Database
from records.failed_questions import has_verified_card
from records.tables import NOT_DONE, OPEN_CARD, cards, gap_questions, gaps, jobs, sources

_FAILED = sources.c.state.in_([SourceState.FAILED, SourceState.QUARANTINED])


def open_work(db: Database, now: datetime | None = None) -> OpenWork:
    """Raises DatabaseUnavailable."""
    waits = exists().where(
        gap_questions.c.gap == gaps.c.id,
        gap_questions.c.told_at.is_(None),
        ~has_verified_card(gap_questions.c.question_id),
        gap_questions.c.failed_at >= (now or datetime.now(UTC)) - RECENT,
    )
    with db.reading() as connection:
        return OpenWork(
            jobs=_jobs(connection),
            indexed_sources=_count(connection, sources, sources.c.state == SourceState.INDEXED),
            failed_sources=_count(connection, sources, _FAILED),
            open_gaps=_count(connection, gaps, gaps.c.state == GapState.OPEN, waits),
            asked_experts=_count(connection, cards, OPEN_CARD),
        )


def _jobs(connection: Connection) -> dict[JobState, int]:
    query = select(jobs.c.state, func.count()).where(NOT_DONE).group_by(jobs.c.state)
    return {row.state: row[1] for row in connection.execute(query)}


def _count(connection: Connection, table: Table, *which: ColumnElement[bool] | TextClause) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*which)).scalar_one()
