"""Counts what came in between two nights: questions, thumbs, corrections, and who gave them."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from domain.came_in import CameIn
from domain.questions import OPEN, AnswerKind, Verdict
from records.columns import UtcTime
from records.database import Database
from records.tables import answers, corrections, questions, rating_inputs


class Incoming:
    """Raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def between(self, since: datetime | None, until: datetime) -> CameIn:
        """``since`` is None for everything up to ``until``."""
        with self._db.reading(long=True) as connection:
            kinds = _kinds(connection, since, until)
            given = _verdicts(connection, since, until)
            wrote = _wrote(connection, since, until)
        good = sum(verdict is Verdict.UP for verdict in given.values())
        refused = sum(kinds.get(kind, 0) for kind in OPEN)
        total = sum(kinds.values())
        return CameIn(
            since,
            questions=total,
            answered=total - refused - kinds.get(None, 0),
            refused=refused,
            up=good,
            down=len(given) - good,
            corrections=len(wrote),
            raters=len({by for _, by in given} | set(wrote)),
        )


def _kinds(
    connection: Connection, since: datetime | None, until: datetime
) -> dict[AnswerKind | None, int]:
    """How many questions were answered how; None counts those that have no answer yet."""
    query = (
        select(answers.c.kind, func.count())
        .select_from(questions)
        .outerjoin(answers)
        .where(*_within(questions.c.asked_at, since, until))
        .group_by(answers.c.kind)
    )
    return {kind: count for kind, count in connection.execute(query)}  # noqa: C416 - rows


def _verdicts(
    connection: Connection, since: datetime | None, until: datetime
) -> dict[tuple[str, str], Verdict]:
    """What each person said last of an answer."""
    query = (
        select(rating_inputs.c.answer_id, rating_inputs.c.by, rating_inputs.c.verdict)
        .where(rating_inputs.c.stands, ~rating_inputs.c.waiting)
        .where(*_within(rating_inputs.c.at, since, until))
        # Of two at the same time, 👎 decides, as everywhere.
        .order_by(rating_inputs.c.at, rating_inputs.c.verdict.desc())
    )
    return {(answer, by): verdict for answer, by, verdict in connection.execute(query)}


def _wrote(connection: Connection, since: datetime | None, until: datetime) -> list[str]:
    """Who wrote each correction."""
    query = (
        select(corrections.c.by)
        .where(corrections.c.stands, corrections.c.text != "")
        .where(*_within(corrections.c.at, since, until))
    )
    return list(connection.execute(query).scalars())


def _within(
    column: ColumnElement[UtcTime], since: datetime | None, until: datetime
) -> list[ColumnElement[bool]]:
    return [column < until] if since is None else [column >= since, column < until]
