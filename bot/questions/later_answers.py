"""Asks questions again, and tells people the answers in direct messages."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.answers import render
from bot.answers.blocks import SlackMessage, rich
from bot.answers.safe import escape_mrkdwn
from bot.jobs.runner import Interrupted
from bot.questions.earlier import NOT_KEPT, STAND_INS
from bot.questions.places import Places
from bot.ratings.readers import Readers
from bot.slack.client import Me, SlackClient
from bot.slack.message_ref import MessageRef, message_ref
from bot.slack.people import People
from bot.words import Words, words_of
from domain.answering import Answerer
from domain.errors import Phi3Error
from domain.questions import Answer, Audience, Question
from domain.text import truncate
from records.answers import Answers
from records.cards import Cards
from records.questions import Questions

log = logging.getLogger(__name__)

_QUESTION = 300

Why = Callable[[Words], str]
"""Gives the line above the answer, in which ``{question}`` is replaced, in a language's words."""


class NoModel(Interrupted):
    """No model answers now, so the question is asked later."""

    pause = timedelta(minutes=5)


class LaterAnswers:
    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        places: Places,
        people: People,
        readers: Readers,
        answerer: Answerer,
        answers: Answers,
        questions: Questions,
        cards: Cards,
    ) -> None:
        self._slack = slack
        self._me = me
        self._places = places
        self._people = people
        self._readers = readers
        self._answerer = answerer
        self._answers = answers
        self._questions = questions
        self._cards = cards

    def make(self, question: Question, person: str) -> tuple[Question, Answer] | None:
        """The question as it is asked now, and the answer.

        That is made of what both the asker and ``person`` may read where it was asked. None if
        ``person`` cannot read that place now, or nobody is known to. Raises MessengerError and
        errors of answering.
        """
        channel = message_ref(question.thread).channel
        if not self._readers.can_read(channel, person, question.asked_by):
            return None
        asked = self._with_audience(question, person)
        return (asked, self._answerer.make(asked)) if asked.audience.labels else None

    def tell(self, person: str, asked: Question, new: Answer, why: Why, mark: str = "") -> None:
        """Posts to a person what ``make`` made; by the ``mark`` the message can be found.

        Raises MessengerError.
        """
        message = self._message(asked, new, why)
        at = self._slack.posted(person, message.text, message.blocks, mark=mark)
        if person == asked.asked_by:
            _logged(lambda: self._let_rate(asked, new, why, mark, *at))

    def _with_audience(self, question: Question, person: str) -> Question:
        """The question for what both the asker and the person may read in its conversation now."""
        asked = self._places.asked_there(question)
        if asked.history in STAND_INS:
            asked = replace(asked, history=())  # a sentence in place of words is searched for else
        if self._people.is_member(person):
            return asked
        audience = self._places.audience(message_ref(question.id).channel, person)
        both = asked.audience.labels & audience.labels
        return replace(asked, audience=Audience(both, asked.audience.public))

    def _let_rate(
        self, asked: Question, new: Answer, why: Why, mark: str, channel: str, ts: str
    ) -> None:
        """Records the new answer as one to a question at its message, and adds its buttons.

        Only for whoever asked it: a copy for others would stay when the asker is forgotten.
        """
        at = str(MessageRef(self._me.team, channel, ts))
        copy = replace(asked, id=at, asked_at=datetime.now(UTC), thread=at, asked_in="")
        if asked.history:
            # When its turns are forgotten, only histories in their own conversation are emptied.
            copy = replace(copy, history=NOT_KEPT)
        self._answers.ask(copy)
        told = replace(new, id=copy.answer_id, question_id=copy.id)
        self._answers.record(told)
        self._questions.set_reply(copy.id, at)
        message = self._message(asked, told, why, can_be_rated=True)
        self._slack.update(channel, ts, message.text, message.blocks, mark=mark)

    def _message(
        self, asked: Question, new: Answer, why: Why, *, can_be_rated: bool = False
    ) -> SlackMessage:
        """The answer as it is shown elsewhere, below the question that it is to."""
        words = words_of(asked)
        said = why(words).format(question=truncate(" ".join(asked.text.split()), _QUESTION))
        verified = self._cards.verified_of(new.supporting)
        shown = render.answer(new, workspace=self._me.url, words=words, verified=verified)
        # In blocks that every workspace has, since it is posted only once.
        below = (shown.simpler or shown).blocks
        if not can_be_rated:
            below = tuple(block for block in below if block["type"] != "context_actions")
        return SlackMessage(f"{escape_mrkdwn(said)}\n{shown.text}", (*rich(said), *below))


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except Phi3Error as error:
        log.warning("The message has no buttons: %s", error)
