"""Answers page by page, newest first, chosen by what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, FromClause, Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from domain.questions import AnswerKind, RatedAnswer, Verdict
from records import answer_marks as marks
from records.database import Database
from records.given_ratings import ratings_of
from records.rows import ANSWER, QUESTION, rated_answer
from records.tables import answer_marks, answers, questions

LOOKED_AT = 10_000
"""With several filters so many answers, which the rarest of them finds, are looked at for one page:
then it is as quick with a million answers."""


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Which answers are wanted; what is None or empty wants all.

    ``verdict`` is what somebody says now, ``adapter`` a name, ``place`` where it was asked:
    ``TEAM/CHANNEL``, or ``console`` or ``cli``. ``source`` is the address of a passage that the
    model was shown. ``is_unsupported``: a sentence of it is supported by no passage.
    """

    kind: AnswerKind | None = None
    verdict: Verdict | None = None
    is_unsupported: bool = False
    adapter: str = ""
    place: str = ""
    source: str = ""

    def marks(self) -> list[str]:
        """The marks that a wanted answer has."""
        found = [marks.of_source(self.source)] if self.source else []
        if self.verdict:
            found.append(marks.of_verdict(self.verdict))
        if self.is_unsupported:
            found.append(marks.UNSUPPORTED)
        if self.adapter:
            found.append(marks.of_adapter(self.adapter))
        if self.place:
            found.append(marks.of_place(self.place))
        if self.kind:
            found.append(marks.of_kind(self.kind))
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two answers: after the one with ``answer_id``, which was made ``at``."""

    at: datetime
    answer_id: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None if ``text`` is not what ``str`` made of a place."""
        at, _, answer_id = text.partition("/")
        try:
            found = cls(datetime.fromisoformat(at), answer_id)
        except ValueError:
            return None
        return found if found.at.tzinfo else None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}/{self.answer_id}"


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """Some answers with their ratings; ``next`` is where the next page begins, None at the end.

    With several filters a page may be empty although another one follows.
    """

    rows: tuple[RatedAnswer, ...]
    next: Place | None


class AnswerPages:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def page(self, wanted: AnswerFilter, after: Place | None, limit: int) -> AnswerPage:
        """At most ``limit``: with several filters, of those among the next 10,000 of the rarest."""
        with self._db.reading() as connection:
            keys, last = _keys(connection, wanted.marks(), after, limit + 1)
            if not keys:
                return AnswerPage((), last)
            ids = [one.answer_id for one in keys[:limit]]
            query = (
                select(*QUESTION, *ANSWER)
                .join_from(questions, answers)
                .where(answers.c.id.in_(ids))
                .order_by(answers.c.created_at.desc(), answers.c.id.desc())
            )
            found = [rated_answer(row) for row in connection.execute(query)]
            given = ratings_of(connection, ids)
        rows = tuple(replace(one, ratings=given.get(one.answer.id, ())) for one in found)
        return AnswerPage(rows, keys[limit - 1] if len(keys) > limit else last)


def _keys(
    connection: Connection, wanted: Sequence[str], after: Place | None, limit: int
) -> tuple[list[Place], Place | None]:
    """The first wanted ones; and where to go on if not all could be looked at."""
    if not wanted:
        query = _newest(answers.c.created_at, answers.c.id, after).limit(limit)
        return [Place(*row) for row in connection.execute(query)], None
    rarest = min(wanted, key=lambda mark: _count(connection, mark, after, len(wanted)))
    others = [mark for mark in wanted if mark != rarest]
    table = answer_marks.alias()
    query = _newest(table.c.at, table.c.answer_id, after).where(table.c.mark == rarest)
    last = None
    if others:
        end = connection.execute(query.offset(LOOKED_AT - 1).limit(1)).first()
        last = Place(*end) if end else None
    if last:
        query = query.where(~_is_before(last, table.c.at, table.c.answer_id))
    query = query.where(*(_has(mark, table) for mark in others))
    return [Place(*row) for row in connection.execute(query.limit(limit))], last


def _count(connection: Connection, mark: str, after: Place | None, filters: int) -> int:
    """How many answers have a mark, as far as that matters."""
    if filters == 1:
        return 0
    table = answer_marks
    query = _newest(table.c.at, table.c.answer_id, after).where(table.c.mark == mark)
    some = query.limit(LOOKED_AT).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _newest(
    at: ColumnElement[datetime], answer_id: ColumnElement[str], after: Place | None
) -> Select[Any]:
    columns: tuple[ColumnElement[Any], ...] = (at, answer_id)
    query = select(*columns).order_by(at.desc(), answer_id.desc())
    return query.where(at <= after.at, _is_before(after, at, answer_id)) if after else query


def _is_before(
    place: Place, at: ColumnElement[datetime], answer_id: ColumnElement[str]
) -> ColumnElement[bool]:
    return (at < place.at) | ((at == place.at) & (answer_id < place.answer_id))


def _has(mark: str, table: FromClause) -> ColumnElement[bool]:
    """Whether the answer in a row of ``table`` has another mark too."""
    other = answer_marks.alias()
    same = (other.c.at == table.c.at, other.c.answer_id == table.c.answer_id)
    return select(other.c.mark).where(other.c.mark == mark, *same).exists()
