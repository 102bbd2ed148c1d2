"""The buttons that move an answer: only for whoever asked it."""

import logging

from slack_bolt import Ack, App

from bot.answers import render
from bot.jobs.payloads import QuestionChange
from bot.listening.telling import Telling, reference
from bot.questions.edits import Edits
from bot.slack import events
from bot.slack.events import ButtonPress, Payload, Request
from bot.slack.message_ref import message_ref
from bot.words import ENGLISH, words_of
from domain.errors import RecordsError, public_text
from records.questions import Questions

log = logging.getLogger(__name__)


class MovingPresses:
    """What is wanted is stored as a job before the press is acknowledged."""

    def __init__(self, questions: Questions, edits: Edits, telling: Telling) -> None:
        self._questions = questions
        self._edits = edits
        self._telling = telling

    def listen(self, app: App) -> None:
        app.action(render.ONLY_FOR_ME)(self.wanted_alone)
        app.action(render.SHARE_HERE)(self.wanted_shared)

    def wanted_alone(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, QuestionChange.HIDDEN)
        ack()

    def wanted_shared(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, QuestionChange.SHARED)
        ack()

    def _pressed(self, body: Payload, change: QuestionChange) -> None:
        press = events.button_press(body)
        if press is None:
            return
        try:
            text = self._want(press, change)
        except RecordsError as error:
            ref = reference()
            log.exception("A press under an answer was not taken (reference %s)", ref)
            text = f"Not taken: {public_text(error)} Press again in a minute (reference {ref})."
        if text:
            self._telling.privately(Request(press.channel, press.person, thread=press.thread), text)

    def _want(self, press: ButtonPress, change: QuestionChange) -> str:
        """Stores it; returns what to say instead. Raises DatabaseUnavailable."""
        question = self._questions.find(press.value)
        if question is None:
            return ENGLISH.question_gone
        if press.person != question.asked_by:
            return words_of(question).only_asker
        is_there = message_ref(question.thread).channel == press.channel
        if is_there and question.is_private == (change is QuestionChange.SHARED):
            self._edits.move(question, change, press)
        return ""
