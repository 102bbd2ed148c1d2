"""What admins press in their part of the Home tab, besides the buttons about adapters."""

import logging
from functools import partial

from slack_bolt import Ack, App

from bot.home.admin import AdminPart
from bot.home.admin_view import RETRY, WHOLE_REPORT
from bot.home.tab import Home
from bot.jobs.workers import Workers
from bot.listening.telling import Telling, reference
from bot.slack.client import SlackClient
from bot.slack.events import Payload, Request
from domain.errors import MessengerError, RecordsError

log = logging.getLogger(__name__)

_NOT_ADMIN = "Nothing was done: only admins may press that."
_NOT_NOW = (
    "Nothing was done: Slack does not say now whether you are an admin. Press again in a minute."
)


class AdminListeners:
    """That a source is to be read again is stored before the press is acknowledged."""

    def __init__(
        self,
        slack: SlackClient,
        part: AdminPart,
        home: Home,
        telling: Telling,
        forms: Workers,
    ) -> None:
        self._slack = slack
        self._part = part
        self._home = home
        self._telling = telling
        self._forms = forms

    def listen(self, app: App) -> None:
        app.action(RETRY)(self.retrying)
        app.action(WHOLE_REPORT)(self.opening_report)

    def retrying(self, ack: Ack, body: Payload) -> None:
        person, uri = body["user"]["id"], str(body["actions"][0].get("value") or "")
        try:
            why_not = self._refusal(person) or self._part.retry(person, uri)
        except RecordsError as error:
            ref = reference()
            log.exception("A source is not read again (%s)", ref)
            why_not = f"Not taken: {error.public} Press again in a minute ({ref})."
        if why_not:
            self._telling.privately(Request("", person), why_not)
        self._home.opened(person)
        ack()

    def opening_report(self, ack: Ack, body: Payload) -> None:
        person, run_id = body["user"]["id"], str(body["actions"][0].get("value") or "")
        self._forms.submit(
            partial(self._open, person, run_id, body["trigger_id"]),
            partial(log.warning, "A night's report could not be shown: %s"),
        )
        ack()

    def _open(self, person: str, run_id: str, trigger: str) -> None:
        if why_not := self._refusal(person):
            self._telling.privately(Request("", person), why_not)
        elif view := self._part.report(person, run_id):
            self._slack.open_view(trigger, view)

    def _refusal(self, person: str) -> str:
        try:
            return "" if self._part.is_admin(person) else _NOT_ADMIN
        except MessengerError:
            return _NOT_NOW
