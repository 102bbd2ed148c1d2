"""An expert's answer as an example: what is asked, and what the model is to make of the card."""

from collections.abc import Collection
from dataclasses import replace

from domain.cards import Card
from domain.prompt import PROMPT_VERSION
from domain.questions import Answer, AnswerKind, Audience, Passage, Question, RatedAnswer


def answer_of(card: Card) -> RatedAnswer:
    """The answer that a verified card is, from the one passage that it is; nobody has rated it.

    Its id is the card's.
    """
    assert card.confirmed_at is not None
    # Only a public channel's cards are for more than its own people.
    readers = Audience(card.audience.labels, public=card.audience.reaches_everyone)
    question = Question(card.question_id, card.question, card.asked_by, card.confirmed_at, readers)
    passage = Passage(card.id, card.source, card.question, card.answer, 1.0, 1.0, card.audience)
    answer = Answer.of(question, AnswerKind.ANSWERED, card.answer, [passage], PROMPT_VERSION)
    return RatedAnswer(question, replace(answer, id=card.id, created_at=card.confirmed_at))


def is_kept_out(card: Card, people: Collection[str]) -> bool:
    """Whether one of these people asked it, wrote it or confirmed it."""
    return not {card.asked_by, card.expert, card.confirmed_by}.isdisjoint(people)
