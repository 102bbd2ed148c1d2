"""Counts what happened in a week. It reads the rows of that week, however many there are before."""

from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Connection, func, select

from domain.questions import OPEN, Verdict
from domain.ratings import InputKind
from domain.weeks import WEEK, Day, Week
from records.database import Database
from records.tables import answers, questions, rating_inputs

_DAY = timedelta(days=1)


class Weeks:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, place: str, since: datetime) -> Week:
        """The week from ``since`` of questions whose ids begin with ``place``."""
        with self._db.reading() as connection:
            days, middle = _days(connection, place, since)
            given = verdicts(connection, since, since + WEEK, place)
            corrections = _corrections(connection, place, since)
        good = sum(verdict is Verdict.UP for verdict in given.values())
        return Week(since, days, good, len(given) - good, corrections, middle)


def _days(
    connection: Connection, place: str, since: datetime
) -> tuple[list[Day], timedelta | None]:
    query = (
        select(questions.c.asked_at, answers.c.kind, answers.c.created_at)
        .join_from(questions, answers, isouter=True)
        .where(questions.c.asked_at >= since, questions.c.asked_at < since + WEEK)
        # What the bot asked again by itself stands in its own message.
        .where(_of(place), questions.c.reply != questions.c.id)
    )
    counts = [[0, 0, 0] for _ in range(WEEK.days)]
    seconds: list[float] = []
    for asked_at, kind, created_at in connection.execute(query):
        day = counts[(asked_at - since) // _DAY]
        day[0] += 1
        if kind is not None:
            day[2 if kind in OPEN else 1] += 1
            seconds.append(max((created_at - asked_at).total_seconds(), 0.0))
    middle = timedelta(seconds=median(seconds)) if seconds else None
    return [Day(*count) for count in counts], middle


def verdicts(
    connection: Connection, since: datetime, until: datetime, place: str = ""
) -> dict[tuple[str, str], Verdict]:
    """What each person said last of an answer in that time; with ``place`` as in `Weeks.of`."""
    counts = rating_inputs.c.stands, ~rating_inputs.c.waiting
    query = (
        select(rating_inputs.c.answer_id, rating_inputs.c.by, rating_inputs.c.verdict)
        .where(rating_inputs.c.at >= since, rating_inputs.c.at < until, *counts)
        # Of two at the same time, 👎 decides, as everywhere.
        .order_by(rating_inputs.c.at, rating_inputs.c.verdict.desc())
    )
    if place:
        query = query.join_from(rating_inputs, answers).join(questions).where(_of(place))
    return {(answer, by): verdict for answer, by, verdict in connection.execute(query)}


def _corrections(connection: Connection, place: str, since: datetime) -> int:
    """How many forms people filled in that say what was wrong."""
    query = (
        select(func.count())
        .select_from(rating_inputs)
        .join(answers)
        .join(questions)
        .where(rating_inputs.c.at >= since, rating_inputs.c.at < since + WEEK, _of(place))
        .where(rating_inputs.c.kind == InputKind.FORM, rating_inputs.c.stands)
    )
    return connection.execute(query).scalar_one()


def _of(place: str) -> ColumnElement[bool]:
    return questions.c.id.startswith(place, autoescape=True)
