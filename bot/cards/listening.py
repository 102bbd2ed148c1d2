"""The buttons and the form with which what an expert wrote is kept as an answer."""

import logging
from collections.abc import Callable

from slack_bolt import Ack, App

from bot.cards.form import CARD_FORM, filled_card
from bot.cards.keeping import Keeping
from bot.cards.messages import KEEP_CARD, WITHDRAW_CARD
from bot.listening.telling import Telling, reference
from bot.slack import events
from bot.slack.events import ButtonPress, Payload, Request
from bot.words import ENGLISH
from domain.errors import Phi3Error, public_text

log = logging.getLogger(__name__)


class CardListeners:
    def __init__(self, keeping: Keeping, telling: Telling) -> None:
        self._keeping = keeping
        self._telling = telling

    def listen(self, app: App) -> None:
        app.action(KEEP_CARD)(self.wanted)
        app.action(WITHDRAW_CARD)(self.withdrawn)
        app.view(CARD_FORM)(self.filled)

    def wanted(self, ack: Ack, body: Payload) -> None:
        trigger = str(body.get("trigger_id") or "")
        self._pressed(body, lambda press: self._keeping.open(press, trigger))
        ack()

    def withdrawn(self, ack: Ack, body: Payload) -> None:
        self._pressed(body, self._keeping.withdraw)
        ack()

    def filled(self, ack: Ack, body: Payload) -> None:
        form = filled_card(body)
        try:
            errors = self._keeping.save(form)
        except Phi3Error as error:
            ref = reference()
            log.exception("An expert's answer was not kept (reference %s)", ref)
            why = ENGLISH.correction_not_kept.format(why=public_text(error), reference=ref)
            errors = form.wrong(why)
        if errors:
            ack(response_action="errors", errors=errors)
        else:
            ack()

    def _pressed(self, body: Payload, then: Callable[[ButtonPress], str]) -> None:
        press = events.button_press(body)
        if press is None:
            return
        try:
            text = then(press)
        except Phi3Error as error:
            ref = reference()
            log.exception("A press on an expert's answer was not taken (reference %s)", ref)
            text = f"Not taken: {public_text(error)} Press again in a minute (reference {ref})."
        if text:
            self._telling.privately(Request(press.channel, press.person, thread=press.thread), text)
