"""What people choose: in their Home tab for themselves, in a form for a channel."""

import logging

from slack_bolt import Ack, App

from bot.home.channel_form import CHANNEL_FORM, filled_channel_form
from bot.home.choosing import Choosing
from bot.home.forgetting import Forgetting
from bot.home.tab import Home
from bot.home.view import DELETION, TRAINING
from bot.listening.telling import reference
from bot.slack.events import Payload
from domain.errors import RecordsError, public_text

log = logging.getLogger(__name__)


class ChoiceListeners:
    """The Home tab and its buttons, and the form of a channel's settings."""

    def __init__(self, home: Home, forgetting: Forgetting, choosing: Choosing) -> None:
        self._home = home
        self._forgetting = forgetting
        self._choosing = choosing

    def listen(self, app: App) -> None:
        app.event("app_home_opened")(self.opened_home)
        app.action(TRAINING)(self.chose_training)
        app.action(DELETION)(self.wanted_deletion)
        app.view(CHANNEL_FORM)(self.filled_channel)

    def opened_home(self, event: Payload) -> None:
        if event.get("tab") == "home" and (person := event.get("user")):
            self._home.opened(person)

    def chose_training(self, ack: Ack, body: Payload) -> None:
        person, value = body["user"]["id"], str(body["actions"][0].get("value") or "")
        try:
            self._home.chose(person, value)
        except RecordsError:
            # The tab still shows what is stored, with its button.
            log.exception("A choice about training was not kept")
        ack()

    def wanted_deletion(self, ack: Ack, body: Payload) -> None:
        try:
            self._forgetting.want(body["user"]["id"])
        except RecordsError:
            # The tab still has its button.
            log.exception("A wish to be forgotten was not kept")
        ack()

    def filled_channel(self, ack: Ack, body: Payload) -> None:
        form = filled_channel_form(body)
        try:
            errors = self._choosing.save(form)
        except RecordsError as error:
            ref = reference()
            log.exception("Settings of a channel were not saved (reference %s)", ref)
            errors = form.wrong(f"Not saved: {public_text(error)} Send again (reference {ref}).")
        if errors:
            ack(response_action="errors", errors=errors)
        else:
            ack()
