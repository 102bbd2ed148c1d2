"""Counts what happened in a day. It reads the rows of that day, however many there are before."""

from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import Connection, func, select

from domain.questions import OPEN, Verdict
from domain.weeks import Day, DayInNumbers, Latency
from records.database import Database
from records.tables import answers, questions
from records.weeks import verdicts

LOOKED_AT = 1_000
"""Of how many of the latest answers the latency is."""


class Days:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, since: datetime, until: datetime) -> DayInNumbers:
        """All questions, and what was said of all answers, in this time."""
        with self._db.reading() as connection:
            given = verdicts(connection, since, until)
            good = sum(verdict is Verdict.UP for verdict in given.values())
            return DayInNumbers(
                since,
                _counts(connection, since, until),
                good,
                len(given) - good,
                _latency(connection, since, until),
            )

    def latency(self, since: datetime, until: datetime) -> Latency:
        """Of the latest answers in this time."""
        with self._db.reading() as connection:
            return _latency(connection, since, until)


def _counts(connection: Connection, since: datetime, until: datetime) -> Day:
    query = (
        select(answers.c.kind, func.count())
        .join_from(questions, answers, isouter=True)
        .where(questions.c.asked_at >= since, questions.c.asked_at < until)
        .group_by(answers.c.kind)
    )
    counted = {row.kind: row[1] for row in connection.execute(query)}
    refused = sum(count for kind, count in counted.items() if kind in OPEN)
    total = sum(counted.values())
    return Day(total, total - refused - counted.get(None, 0), refused)


def _latency(connection: Connection, since: datetime, until: datetime) -> Latency:
    latest = (
        select(questions.c.asked_at, answers.c.created_at)
        .join_from(answers, questions)
        .where(answers.c.created_at >= since, answers.c.created_at < until)
        .order_by(answers.c.created_at.desc())
        .limit(LOOKED_AT)
    )
    seconds = [
        max((created_at - asked_at).total_seconds(), 0.0)
        for asked_at, created_at in connection.execute(latest)
    ]
    if not seconds:
        return Latency()
    slow = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Latency(timedelta(seconds=median(seconds)), timedelta(seconds=slow))
