"""Confirming an answer on its page: it becomes a verified card, as an expert's in Slack does."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from console.errors import NotKept
from console.questions import answer_seen
from console.typed import Typed
from console.visit import Editor, Visit
from domain.cards import ELSEWHERE, Card, CardState, card_id_of
from domain.collections import Collection
from domain.confirmed import LONGEST, confirmed, those_for
from domain.documents import SourceState
from domain.errors import AlreadyChanged
from domain.labels import EVERYONE, is_team
from domain.links import THREAD
from domain.questions import Answer, AnswerKind, Audience, Question
from domain.text import is_blank
from records.cards import Cards
from records.collections import Collections
from records.grants import Grants
from records.sources import Sources

router = APIRouter()

_NAME = "an editor of the console"
"""The name of those whom Slack does not know."""

_OWN_WORDS = (AnswerKind.REFUSED,)
"""Outcomes that say nothing of the documents: whoever confirms writes the answer."""

_CHANGED = "What was confirmed was changed meanwhile. Look at it again; nothing was taken back."


def card_of(visit: Visit, question: Question) -> Card | None:
    """The verified card of a question."""
    card = Cards(visit.parts.database).find(card_id_of(question.id))
    return card if card and card.state is CardState.VERIFIED else None


@router.post("/answers/{answer_id}/confirm")
def confirm(
    visit: Editor, answer_id: str, confirmed_text: Annotated[Typed, Form(alias="confirmed")] = ""
) -> Response:
    """Keeps the answer, as the editor changed it, for those who may read all that it is from."""
    question, answer = answer_seen(visit, answer_id)
    text, now, database = confirmed_text.strip(), datetime.now(UTC), visit.parts.database
    back = f"/answers/{answer_id}"
    if is_blank(text) or len(text) > LONGEST:
        raise NotKept(f"Not confirmed: write an answer of at most {LONGEST:,} characters.")
    if not (readers := _readers(visit, question, answer)).labels:
        raise NotKept("Not confirmed: nobody may read all documents that it is from.")
    name = "" if visit.session.person else _NAME
    card = confirmed(question, text, readers, visit.visitor.by, now, name)
    with visit.change("confirmed answer", answer_id):
        Cards(database).confirm(card, now)
        if not card.is_in_slack:
            _add(visit, card, now)
    return visit.done(back, "The answer is confirmed. It is found within a minute.")


@router.post("/answers/{answer_id}/unconfirm")
def unconfirm(visit: Editor, answer_id: str, seen: Annotated[datetime, Form()]) -> Response:
    """Takes back what was confirmed at the time ``seen``."""
    question, _ = answer_seen(visit, answer_id)
    card, now = card_of(visit, question), datetime.now(UTC)
    with visit.change("took back the confirmation of answer", answer_id):
        if card is None or not Cards(visit.parts.database).withdraw(card.id, now, seen):
            raise AlreadyChanged(_CHANGED)
        if not card.is_in_slack:
            Collections(visit.parts.database).make_due(card.source, now)
    note = "The confirmation is taken back. It is gone from later answers within a minute."
    return visit.done(f"/answers/{answer_id}", note)


def _readers(visit: Visit, question: Question, answer: Answer) -> Audience:
    """Those of the question's readers who may also read each document that the answer is from."""
    grants = Grants(visit.parts.database)
    thread = question.thread.split(":")[1:4]
    passages = [one for one in answer.passages if one.source.split(":") != [THREAD, *thread]]
    if answer.kind in _OWN_WORDS:
        passages = []
    named = {name for one in passages for name in (one.source, *one.also)}

    def may_read_all(label: str) -> bool:
        # Who has this label has the wider ones too, as far as they hold where it was asked.
        wider = [one for one in question.audience.labels if one == EVERYONE or is_team(one)]
        allowed = grants.readable(named, Audience.of(label, *wider))
        return all(not allowed.isdisjoint((one.source, *one.also)) for one in passages)

    labels = those_for(question, visit.visitor.by).labels
    return Audience(frozenset(filter(may_read_all, labels)))


def _add(visit: Visit, card: Card, now: datetime) -> None:
    """Lets the card be read, as a collection of one document. Raises AlreadyChanged."""
    database = visit.parts.database
    known = Sources(database).find(card.source)
    is_there = known is not None and known.state is not SourceState.REMOVED
    if known and is_there and not known.audience.labels <= card.audience.labels:
        raise AlreadyChanged(
            "The last confirmation is being taken back just now. Confirm it again in a minute."
        )
    collections = Collections(database)
    collections.withdraw(card.source)
    made = Collection(
        *(card.source, ELSEWHERE, card.audience, card.confirmed_by, now, None, now),
        title=card.question,
    )
    collections.add(made)
