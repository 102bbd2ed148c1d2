"""Counts the questions of people and channels, exactly also if several processes count at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, text

from domain.admission import DAY, OverQuota, Quota, Whose
from records.database import Database
from records.rows import insert
from records.tables import counted_questions

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class Quotas:
    """Every method raises DatabaseUnavailable. Without quotas nothing is read or stored."""

    def __init__(self, db: Database, quotas: Sequence[Quota]) -> None:
        self._db = db
        self._quotas = quotas

    def count(
        self, question_id: str, team: str, person: str, channel: str, now: datetime
    ) -> OverQuota | None:
        """Counts a question once; returns the quota that is used up, and then does not count it.

        If there are several, it is the one that is used up for longest. A question that was counted
        stays so when it is deleted, so that nobody gets more answers by deleting questions.
        """
        if not self._quotas or self._is_counted(question_id):
            return None
        known = counted_questions.c
        with self._db.session() as connection:
            _lock(connection, (f"{team}:{person}", f"{team}:{channel}"))
            connection.execute(delete(counted_questions).where(known.at <= now - DAY))
            if over := self._longest(connection, team, person, channel, now):
                return over
            row = insert(connection, counted_questions).values(
                question=question_id, team=team, person=person, channel=channel, at=now
            )
            connection.execute(row.on_conflict_do_nothing())
        return None

    def used_up(
        self, question_id: str, team: str, person: str, channel: str, now: datetime
    ) -> OverQuota | None:
        """What ``count`` would return; counts nothing."""
        if not self._quotas or self._is_counted(question_id):
            return None
        with self._db.reading() as connection:
            return self._longest(connection, team, person, channel, now)

    def _longest(
        self, connection: Connection, team: str, person: str, channel: str, now: datetime
    ) -> OverQuota | None:
        """The quota that is used up for longest, if any is."""
        ids = {Whose.PERSON: person, Whose.CHANNEL: channel}
        found = (_used_up(connection, one, team, ids[one.whose], now) for one in self._quotas)
        return max(filter(None, found), key=lambda over: over.again_at, default=None)

    def _is_counted(self, question_id: str) -> bool:
        query = select(counted_questions.c.at).where(counted_questions.c.question == question_id)
        with self._db.reading() as connection:
            return connection.execute(query).first() is not None


def _used_up(
    connection: Connection, quota: Quota, team: str, of: str, now: datetime
) -> OverQuota | None:
    """It reads at most as many rows as the quota allows questions."""
    known = counted_questions.c
    column = known.person if quota.whose is Whose.PERSON else known.channel
    query = (
        select(known.at)
        .where(column == of, known.team == team, known.at > now - quota.per)
        .order_by(known.at.desc())
        .offset(quota.most - 1)
        .limit(1)
    )
    oldest = connection.execute(query).scalar()
    return None if oldest is None else OverQuota(quota, oldest + quota.per)


def _lock(connection: Connection, names: Sequence[str]) -> None:
    """Lets no other transaction count for these; SQLite lets no other one write anyway."""
    if connection.dialect.name == "postgresql":
        # In one order, so that two transactions never wait for each other.
        for name in sorted(names):
            connection.execute(_LOCK, {"name": f"phi3 quota {name}"})
