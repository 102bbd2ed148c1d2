"""Answers page by page, newest first, chosen by what became of them."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Select, Text, cast, or_, select
from sqlalchemy.sql.elements import ColumnElement

from domain.questions import AnswerKind, RatedAnswer, Verdict
from records.database import Database
from records.given_ratings import ratings_of
from records.rows import ANSWER, QUESTION, rated_answer
from records.tables import answers, questions, rating_inputs

LOOKED_AT = 2_000
"""So many answers are looked at for one page, so that it is as quick with a million of them."""


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Which answers are wanted; what is None or empty wants all.

    ``adapter`` is a name, ``channel`` begins the ids of its questions (``slack:T1:C1:``),
    ``source`` is the address of a passage that the model was shown. ``is_unsupported``: a sentence
    of it is supported by no passage.
    """

    kind: AnswerKind | None = None
    verdict: Verdict | None = None
    is_unsupported: bool = False
    adapter: str = ""
    channel: str = ""
    source: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        found = list[ColumnElement[bool]]()
        if self.kind:
            found.append(answers.c.kind == self.kind)
        if self.verdict:
            given = select(rating_inputs.c.answer_id).where(
                rating_inputs.c.answer_id == answers.c.id,
                rating_inputs.c.verdict == self.verdict,
                rating_inputs.c.stands,
                ~rating_inputs.c.waiting,
            )
            found.append(given.exists())
        if self.is_unsupported:
            found.append(cast(answers.c.sentences, Text).contains('"supported": false'))
        if self.adapter:
            found.append(answers.c.adapter == self.adapter)
        if self.channel:
            found.append(questions.c.id.startswith(self.channel, autoescape=True))
        if self.source:
            written = f'"source": {json.dumps(self.source)}'
            found.append(cast(answers.c.passages, Text).contains(written, autoescape=True))
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

    A page may be empty although another one follows, if few answers are wanted.
    """

    rows: tuple[RatedAnswer, ...]
    next: Place | None


class AnswerPages:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def page(self, wanted: AnswerFilter, after: Place | None, limit: int) -> AnswerPage:
        """At most ``limit`` of those among the next 2,000."""
        with self._db.reading() as connection:
            latest = connection.execute(_latest(after)).all()
            if not latest:
                return AnswerPage((), None)
            last = Place(latest[-1].created_at, latest[-1].id)
            query = (
                select(*QUESTION, *ANSWER)
                .join_from(questions, answers)
                .where(*_from(after), *_down_to(last), *wanted.conditions())
                .order_by(answers.c.created_at.desc(), answers.c.id.desc())
                .limit(limit + 1)
            )
            found = [rated_answer(row) for row in connection.execute(query)]
            shown = found[:limit]
            given = ratings_of(connection, [one.answer.id for one in shown])
        rows = tuple(replace(one, ratings=given.get(one.answer.id, ())) for one in shown)
        if len(found) > limit:
            return AnswerPage(rows, Place(shown[-1].answer.created_at, shown[-1].answer.id))
        return AnswerPage(rows, last if len(latest) == LOOKED_AT else None)


def _latest(after: Place | None) -> Select[Any]:
    """The keys of the answers that are looked at; the index of the times is enough for that."""
    query = select(answers.c.created_at, answers.c.id).where(*_from(after))
    return query.order_by(answers.c.created_at.desc(), answers.c.id.desc()).limit(LOOKED_AT)


def _from(after: Place | None) -> list[ColumnElement[bool]]:
    return [_is_before(after)] if after else []


def _is_before(place: Place) -> ColumnElement[bool]:
    """``created_at`` alone first, for the index."""
    earlier = answers.c.created_at < place.at
    same = (answers.c.created_at == place.at) & (answers.c.id < place.answer_id)
    return (answers.c.created_at <= place.at) & or_(earlier, same)


def _down_to(last: Place) -> list[ColumnElement[bool]]:
    later = answers.c.created_at > last.at
    same = (answers.c.created_at == last.at) & (answers.c.id >= last.answer_id)
    return [answers.c.created_at >= last.at, or_(later, same)]
