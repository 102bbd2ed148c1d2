"""An answer that somebody confirmed outside its thread: whom it may be for, and its card."""

from datetime import datetime

from domain.cards import Card, CardState, card_id_of, source_of
from domain.labels import EVERYONE, is_person
from domain.questions import Audience, Question

LONGEST = 3_000
"""The most characters of a confirmed answer; the form in Slack takes as many."""

_LONGEST_QUESTION = 1_000
_SLACK = "slack:"


def those_for(question: Question, by: str) -> Audience:
    """Who may be given the question's words and its confirmed answer, if ``by`` confirms it.

    These are the people of the place where it was asked, who are looked up again before the answer
    is published there. What was asked outside Slack for one person stays theirs, unless they
    themselves confirm it. Nobody is given what was answered to one person alone in a channel.
    """
    if question.asked_in:
        return Audience.of()
    labels = question.audience.labels
    if question.id.startswith(_SLACK):
        return Audience(labels - {EVERYONE})
    own = frozenset(filter(is_person, labels))
    return Audience(labels - own if not own or by == question.asked_by else own)


def confirmed(
    question: Question, text: str, readers: Audience, by: str, at: datetime, name: str = ""
) -> Card:
    """The verified card of an answer that ``by`` confirmed in the words of ``text``.

    ``name`` is how people are told of ``by``; if it is empty, Slack is asked.
    """
    return Card(
        id=card_id_of(question.id),
        source=source_of(question),
        question_id=question.id,
        thread=question.thread,
        expert=by,
        asked_by=question.asked_by,
        asked_at=at,
        state=CardState.VERIFIED,
        question=" ".join(question.text.split())[:_LONGEST_QUESTION],
        answer=text,
        audience=readers,
        confirmed_by=by,
        name=name,
        confirmed_at=at,
    )
