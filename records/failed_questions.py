"""Questions that failed: without a sure answer, or with one that people rate bad."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from domain.cards import CardState
from domain.causes import cause_of
from domain.gaps import BadAnswer, FailedQuestion
from domain.questions import OPEN, Question, RatedAnswer, Rating, Verdict
from records.given_ratings import ratings_of
from records.question_teams import of_team
from records.rows import ANSWER, QUESTION, rated_answer
from records.tables import answers, cards, questions, rating_inputs

_PAGE = 200
"""How many rated answers are read at a time."""


def failed_questions(connection: Connection, team: str, since: datetime) -> list[FailedQuestion]:
    """Those of a team that were asked since a time, in this order.

    An answer is rated bad if not more people say that it is good. What an expert answered since
    did not fail.
    """
    asked = (of_team(team), questions.c.asked_at >= since, ~has_verified_card(questions.c.id))
    refused = (
        select(*QUESTION, answers.c.created_at)
        .join_from(questions, answers)
        .where(*asked, answers.c.kind.in_(OPEN))
    )
    found = {
        one.question.id: one
        for *question, at in connection.execute(refused)
        for one in (FailedQuestion(Question(*question), is_refused=True, failed_at=at),)
    }
    for rated in _rated_down(connection, asked):
        if bad := _rated_bad(rated):
            found.setdefault(bad.question.id, bad)
    return sorted(found.values(), key=lambda one: (one.question.asked_at, one.question.id))


def has_verified_card(question_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether somebody confirmed an answer to a question, so that it is no failed one any more."""
    return exists().where(cards.c.question_id == question_id, cards.c.state == CardState.VERIFIED)


def bad_answers(connection: Connection, question_ids: Collection[str]) -> dict[str, BadAnswer]:
    """Those of these questions of whose answers people say what was wrong, by question."""
    query = select(answers.c.question_id, answers.c.id, answers.c.text).where(
        answers.c.question_id.in_(question_ids)
    )
    rows = connection.execute(query).all()
    given = ratings_of(connection, [row.id for row in rows])
    said = {row.id: tuple(filter(_says_what, given.get(row.id, ()))) for row in rows}
    return {row.question_id: BadAnswer(row.text, said[row.id]) for row in rows if said[row.id]}


def _rated_down(
    connection: Connection, asked: Sequence[ColumnElement[bool]]
) -> Iterable[RatedAnswer]:
    """The answers that somebody says are bad, with all of their ratings."""
    down = rating_inputs.c
    query = (
        select(answers.c.id)
        .join_from(questions, answers)
        .where(
            *asked,
            exists().where(
                and_(
                    down.answer_id == answers.c.id,
                    down.verdict == Verdict.DOWN,
                    down.stands,
                    ~down.waiting,
                )
            ),
        )
    )
    ids = list(connection.execute(query).scalars())
    for start in range(0, len(ids), _PAGE):
        some = ids[start : start + _PAGE]
        given = ratings_of(connection, some)
        rows = (
            select(*QUESTION, *ANSWER).join_from(questions, answers).where(answers.c.id.in_(some))
        )
        for row in connection.execute(rows):
            one = rated_answer(row)
            yield replace(one, ratings=given.get(one.answer.id, ()))


def _rated_bad(rated: RatedAnswer) -> FailedQuestion | None:
    bad = [one for one in rated.ratings if one.verdict is Verdict.DOWN]
    if not bad or 2 * len(bad) < len(rated.ratings):
        return None
    return FailedQuestion(
        rated.question,
        is_refused=False,
        failed_at=max(one.rated_at for one in bad),
        cause=cause_of(rated),
    )


def _says_what(rating: Rating) -> bool:
    """Whether a person says what was wrong."""
    is_said = rating.fault or rating.reason or rating.correction or rating.source
    return rating.verdict is Verdict.DOWN and not rating.undecided and bool(is_said)
