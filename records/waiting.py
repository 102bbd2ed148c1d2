"""What waits for somebody: sources that failed, corrections, and questions to experts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from domain.cards import Card
from domain.documents import Source, SourceState
from domain.labels import EVERYONE, channel_label, person_label, team_label
from domain.questions import Question
from domain.ratings import Correction, InputKind
from records.database import Database
from records.rows import CORRECTION, QUESTION, columns
from records.sources import Sources
from records.tables import (
    OPEN_CARD,
    answers,
    cards,
    corrections,
    grants,
    questions,
    rating_inputs,
    sources,
)

_CARD = columns(cards, Card)
_FAILED = sources.c.state.in_([SourceState.FAILED, SourceState.QUARANTINED])


@dataclass(frozen=True, slots=True)
class WaitingCorrection:
    """What a person wrote about the answer to a question, which they were not told is right now."""

    correction: Correction
    question: Question


class Waiting:
    """Every method raises DatabaseUnavailable. The latest come first."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._sources = Sources(db)

    def failed_sources(
        self, team: str, limit: int, without: Collection[str] = ()
    ) -> tuple[list[Source], int]:
        """Some sources of a workspace that could not be read, and how many there are.

        ``without`` are some that are told of already.
        """
        here = exists().where(grants.c.source == sources.c.uri, _of_team(team))
        which = [_FAILED, here, *([sources.c.uri.not_in(without)] if without else [])]
        latest = select(sources.c.uri).where(*which).order_by(sources.c.updated_at.desc())
        with self._db.reading() as connection:
            uris = connection.execute(latest.limit(limit)).scalars().all()
            total = connection.execute(select(func.count()).where(*which)).scalar_one()
        known = self._sources.find_all(uris)
        return [known[uri] for uri in uris if uri in known], total

    def corrections(self, place: str, since: datetime, limit: int) -> list[WaitingCorrection]:
        """Those written since then about questions whose ids begin with ``place``."""
        form = rating_inputs.c.kind == InputKind.FORM
        query = (
            select(*CORRECTION, *QUESTION)
            .join_from(rating_inputs, answers)
            .join(questions)
            .join(
                corrections,
                (corrections.c.answer_id == rating_inputs.c.answer_id)
                & (corrections.c.by == rating_inputs.c.by),
            )
            .where(rating_inputs.c.at >= since, form, rating_inputs.c.stands)
            .where(corrections.c.stands, corrections.c.told_at.is_(None))
            .where(questions.c.id.startswith(place, autoescape=True))
            .order_by(rating_inputs.c.at.desc())
            .limit(limit)
        )
        middle = len(CORRECTION)
        with self._db.reading() as connection:
            return [
                WaitingCorrection(Correction(*row[:middle]), Question(*row[middle:]))
                for row in connection.execute(query)
            ]

    def cards(self, place: str, limit: int) -> list[tuple[Card, Question]]:
        """Questions that wait for an expert, or for somebody to confirm the answer.

        Their ids begin with ``place``.
        """
        query = (
            select(*_CARD, *QUESTION)
            .join_from(cards, questions, cards.c.question_id == questions.c.id)
            .where(OPEN_CARD, cards.c.question_id.startswith(place, autoescape=True))
            .order_by(cards.c.asked_at.desc())
            .limit(limit)
        )
        with self._db.reading() as connection:
            rows = connection.execute(query).all()
        return [(Card(*row[: len(_CARD)]), Question(*row[len(_CARD) :])) for row in rows]


def _of_team(team: str) -> ColumnElement[bool]:
    """As ``domain.labels.of_team``."""
    wide = grants.c.label.in_([EVERYONE, team_label(team)])
    parts = (
        grants.c.label.startswith(label, autoescape=True)
        for label in (channel_label(team, ""), person_label(team, ""))
    )
    return or_(wide, *parts)
