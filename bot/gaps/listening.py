"""The buttons of the digest, and the form of a gap."""

import logging

from slack_bolt import Ack, App

from bot.gaps.digest_message import OPEN_GAP
from bot.gaps.form import GAP_FORM, done_view, filled_gap
from bot.gaps.opening import GapForms
from bot.listening.telling import reference
from bot.slack import events
from bot.slack.events import Payload
from domain.errors import Phi3Error, public_text

log = logging.getLogger(__name__)


class GapListeners:
    def __init__(self, forms: GapForms) -> None:
        self._forms = forms

    def listen(self, app: App) -> None:
        app.action(OPEN_GAP)(self.pressed)
        app.view(GAP_FORM)(self.filled)

    def pressed(self, ack: Ack, body: Payload) -> None:
        if press := events.button_press(body):
            self._forms.open(press, str(body.get("trigger_id") or ""))
        ack()

    def filled(self, ack: Ack, body: Payload) -> None:
        form = filled_gap(body)
        try:
            said, errors = self._forms.save(form)
        except Phi3Error as error:
            ref = reference()
            log.exception("A form about a gap was not taken (reference %s)", ref)
            said, errors = (
                "",
                form.wrong(f"Not taken: {public_text(error)} Send again (reference {ref})."),
            )
        if errors:
            ack(response_action="errors", errors=errors)
        else:
            ack(response_action="update", view=done_view(said))
