"""What people press under answers: ratings and their form, once more, and asking the expert."""

import logging
from collections.abc import Callable

from slack_bolt import Ack, App

from bot.answers import render
from bot.cards.experts import Experts
from bot.listening.telling import Telling, reference
from bot.questions.edits import Edits
from bot.ratings.feedback import Feedback
from bot.ratings.form import FORM, filled, thanks, too_long
from bot.ratings.rating_notes import EXPLAIN, TAKE_BACK
from bot.slack import events
from bot.slack.events import ButtonClick, ButtonPress, Payload, Request
from bot.words.failures import what_failed
from domain.errors import AlreadyChanged, NotFound, RecordsError, public_text

log = logging.getLogger(__name__)


class AnswerListeners:
    """The buttons under answers, and the form behind 👎.

    ``denial`` says why a person, or a channel, gets no answers; empty if they do.
    """

    def __init__(
        self,
        feedback: Feedback,
        edits: Edits,
        experts: Experts,
        denial: Callable[[str, str], str],
        telling: Telling,
    ) -> None:
        self._feedback = feedback
        self._edits = edits
        self._experts = experts
        self._denial = denial
        self._telling = telling

    def listen(self, app: App) -> None:
        app.action(render.RATE)(self.clicked)
        app.action(render.ANSWER_AGAIN)(self.wanted_again)
        app.action(render.ASK_EXPERT)(self.wanted_expert)
        app.action(EXPLAIN)(self.explaining)
        app.action(TAKE_BACK)(self.took_back)
        app.view(FORM)(self.filled)

    def clicked(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._feedback.clicked)
        ack()

    def explaining(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._feedback.explaining)
        ack()

    def took_back(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._feedback.took_back)
        ack()

    def _pressed(self, body: Payload, then: Callable[[ButtonClick], None]) -> None:
        click = events.click(body)
        if not click:
            return
        try:
            then(click)
        except RecordsError as error:
            log.exception("A rating of %s was not kept", click.answer_id)
            words = self._feedback.words_of(click.answer_id)
            why = what_failed(error, words)
            self._telling.privately(
                Request(click.channel, click.person, thread=click.thread),
                words.rating_not_kept.format(why=why, reference=click.answer_id),
            )

    def wanted_again(self, ack: Ack, body: Payload) -> None:
        """Answers a question again that was refused, quoted, or failed."""
        self._pressed_answer(body, self._edits.again)
        ack()

    def wanted_expert(self, ack: Ack, body: Payload) -> None:
        self._pressed_answer(body, self._experts.ask)
        ack()

    def _pressed_answer(self, body: Payload, then: Callable[[ButtonPress], str]) -> None:
        """``then`` returns what to tell the person who pressed a button under an answer."""
        press = events.button_press(body)
        if press is None:
            return
        try:
            text = self._denial(press.person, press.channel) or then(press)
        except RecordsError as error:
            ref = reference()
            log.exception("A press under an answer was not taken (reference %s)", ref)
            text = f"Not taken: {public_text(error)} Press again in a minute (reference {ref})."
        if text:
            self._telling.privately(Request(press.channel, press.person, thread=press.thread), text)

    def filled(self, ack: Ack, body: Payload) -> None:
        form = filled(body)
        if form.too_long:
            words = self._feedback.words_of(form.answer_id)
            ack(response_action="errors", errors=too_long(form, words))
            return
        try:
            self._feedback.filled(form)
        except (AlreadyChanged, NotFound) as error:
            log.info("A correction was not kept: %s", error)
            words = self._feedback.words_of(form.answer_id)
            ack(response_action="errors", errors={"correction": words.answer_changed})
        except RecordsError as error:
            ref = reference()
            log.exception("A correction was not kept (reference %s)", ref)
            words = self._feedback.words_of(form.answer_id)
            failed = what_failed(error, words)
            why = words.correction_not_kept.format(why=failed, reference=ref)
            ack(response_action="errors", errors={"correction": why})
        else:
            words = self._feedback.words_of(form.answer_id)
            may_learn = self._feedback.may_learn(form.answer_id, form.person)
            ack(response_action="update", view=thanks(words, may_learn=may_learn))
