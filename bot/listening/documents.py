"""/phi3-ingest, its form, the shortcuts that read something, and the buttons under reports."""

import logging
from collections.abc import Callable

from slack_bolt import Ack, App

from bot.answers.blocks import text_message
from bot.home.choosing import Choosing
from bot.ingest.collection_reports import CONFIRM_REMOVAL, TRY_AGAIN
from bot.ingest.form import INGEST_FORM, done, filled_ingest
from bot.ingest.requests import Ingesting
from bot.listening.telling import Telling, reference
from bot.slack import events
from bot.slack.events import Payload, Request
from bot.slack.manifest import COMMAND, SHORTCUT, THREAD_SHORTCUT
from domain.errors import Phi3Error, public_text

log = logging.getLogger(__name__)

_SETTINGS = "settings"


class DocumentListeners:
    """Those about documents. The command has a word for a channel's settings, too."""

    def __init__(self, ingesting: Ingesting, choosing: Choosing, telling: Telling) -> None:
        self._ingesting = ingesting
        self._choosing = choosing
        self._telling = telling

    def listen(self, app: App) -> None:
        app.command(COMMAND)(self.commanded)
        app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(self.chosen)
        app.shortcut({"type": "message_action", "callback_id": THREAD_SHORTCUT})(self.chosen_thread)
        app.action(CONFIRM_REMOVAL)(self.confirmed)
        app.action(TRY_AGAIN)(self.tried_again)
        app.view(INGEST_FORM)(self.filled_ingest)

    def commanded(self, ack: Ack, body: Payload) -> None:
        request = events.command(body)
        is_choice = request.text.strip().lower() == _SETTINGS
        text = self._asked(request, self._choosing.open if is_choice else self._ingesting.ask)
        if not text:
            ack()
            return
        message = text_message(text)
        ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    def chosen(self, ack: Ack, body: Payload) -> None:
        request = events.shortcut(body)
        text = self._asked(request) if request.files else "That message has no files to add."
        ack()
        self._telling.privately(request, text)

    def chosen_thread(self, ack: Ack, body: Payload) -> None:
        request = events.thread_shortcut(body)
        text = self._asked(request)
        ack()
        self._telling.privately(request, text)

    def confirmed(self, ack: Ack, body: Payload) -> None:
        self._pressed_report(body, confirmed=True)
        ack()

    def tried_again(self, ack: Ack, body: Payload) -> None:
        self._pressed_report(body, confirmed=False)
        ack()

    def _pressed_report(self, body: Payload, *, confirmed: bool) -> None:
        press = events.button_press(body)
        if press is None:
            return
        try:
            text = self._ingesting.pressed(press, confirmed=confirmed)
        except Phi3Error as error:
            ref = reference()
            log.exception("A press on a report was not taken (reference %s)", ref)
            why = public_text(error)
            text = f"I could not take that: {why} Press again in a minute (reference {ref})."
        if text:
            self._telling.privately(Request(press.channel, press.person, thread=press.thread), text)

    def filled_ingest(self, ack: Ack, body: Payload) -> None:
        form = filled_ingest(body)
        try:
            text, errors = self._ingesting.submitted(form)
        except Phi3Error as error:
            ref = reference()
            log.exception("A form about documents was not taken (reference %s)", ref)
            errors = form.wrong(f"Not taken: {public_text(error)} Send again (reference {ref}).")
        if errors:
            ack(response_action="errors", errors=errors)
        else:
            ack(response_action="update", view=done(text or "That was taken already."))

    def _asked(self, request: Request, ask: Callable[[Request], str] | None = None) -> str:
        try:
            return (ask or self._ingesting.ask)(request)
        except Phi3Error as error:
            ref = reference()
            log.exception("A request to ingest was not taken (reference %s)", ref)
            why = public_text(error)
            return f"I could not take that: {why} Try again in a minute (reference {ref})."
