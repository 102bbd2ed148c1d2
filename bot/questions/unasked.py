"""Questions for which nobody mentioned the bot: follow-ups, those of a channel, and by an emoji."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answers.safe import plain_text
from bot.history.messages import HistoryMessage
from bot.jobs.payloads import QuestionPayload
from bot.questions.earlier import Earlier
from bot.questions.said import said
from bot.slack.client import Me
from bot.slack.events import LONGEST
from bot.slack.message_ref import message_ref
from bot.slack.people import People, Standing
from domain.answering import Answerer
from domain.questions import AnswerKind, Question
from records.answers import Answers
from records.questions import Questions


class Unasked:
    """Every method raises MessengerError and DatabaseUnavailable."""

    def __init__(
        self,
        me: Me,
        people: People,
        earlier: Earlier,
        answerer: Answerer,
        questions: Questions,
        answers: Answers,
    ) -> None:
        self._me = me
        self._people = people
        self._earlier = earlier
        self._answerer = answerer
        self._questions = questions
        self._answers = answers

    def read(self, question: Question) -> Question:
        """The question with the text and the thread of the message to which a person reacted.

        Without text if a program reacted, or if the message is of this bot, asks nothing or cannot
        be read.
        """
        if question.text or self._people.standing(question.asked_by) is Standing.BOT:
            return question
        message = self._earlier.message(question)
        if message is None:
            return question
        text = said(plain_text(message.text, self._me.user)[:LONGEST]).text
        if not text:
            return question
        thread = str(replace(message_ref(question.id), ts=message.thread))
        self._questions.set_asked(question.id, text, thread)
        return replace(question, text=text, thread=thread)

    def is_supported(self, question: Question) -> bool:
        """Whether the documents support the whole answer to a question that nobody asked the bot.

        Then it is stored, so that it is the one that is shown.
        """
        if self._answers.answer_to(question.id):
            return True
        answer = self._answerer.make(question)
        claims = [sentence.supported for sentence in answer.sentences]
        if answer.kind is not AnswerKind.ANSWERED or not claims or not all(claims):
            return False
        self._answers.record(answer)
        return True

    def is_wanted(
        self, question: Question, payload: QuestionPayload, before: Sequence[HistoryMessage]
    ) -> bool:
        """Whether an answer is wanted, as far as that is known before there is one.

        If not, nothing of the question is kept.
        """
        if payload.is_quiet:
            return True
        is_known = payload.is_by_emoji or bool(self._answers.answer_to(question.id))
        if is_known or self._earlier.is_meant(question, before):
            return True
        self._questions.drop(question.id)
        return False
