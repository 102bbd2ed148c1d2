"""What admins press about adapters: in the Home tab, and under a night's report."""

import logging
from collections.abc import Callable
from functools import partial

from slack_bolt import Ack, App

from bot.jobs.workers import Workers
from bot.listening.telling import Telling, reference
from bot.nights.choosing_adapter import (
    ADAPTER_FORM,
    MOST,
    adapter_form,
    filled_adapter_form,
    no_adapter_form,
)
from bot.nights.deciding import Deciding, refusal
from bot.nights.presses import CHOOSE, DECIDES, AdapterPress, adapter_press
from bot.nights.reporting import NightRecords
from bot.slack.client import SlackClient
from bot.slack.events import Payload, Request, press_id
from bot.slack.people import People
from domain.errors import RecordsError, public_text

log = logging.getLogger(__name__)


class AdapterListeners:
    """A press is stored before it is acknowledged; ``resume`` does what is stored, soon."""

    def __init__(
        self,
        slack: SlackClient,
        people: People,
        nights: NightRecords,
        deciding: Deciding,
        telling: Telling,
        forms: Workers,
        resume: Callable[[], object],
    ) -> None:
        self._slack = slack
        self._people = people
        self._nights = nights
        self._deciding = deciding
        self._telling = telling
        self._forms = forms
        self._resume = resume

    def listen(self, app: App) -> None:
        app.action(DECIDES)(self.pressed)
        app.action(CHOOSE)(self.choosing)
        app.view(ADAPTER_FORM)(self.chose)

    def pressed(self, ack: Ack, body: Payload) -> None:
        action, at, person = body["actions"][0], _place(body), body["user"]["id"]
        try:
            if press := adapter_press(str(action.get("value") or "")):
                self._want(press, person, press_id(body), at)
        except RecordsError as error:
            ref = reference()
            log.exception("A press about adapters was not kept (reference %s)", ref)
            text = f"Not taken: {public_text(error)} Press again in a minute (reference {ref})."
            self._telling.privately(at, text)
        ack()

    def choosing(self, ack: Ack, body: Payload) -> None:
        press, at = adapter_press(str(body["actions"][0].get("value") or "")), _place(body)
        if press:
            self._forms.submit(
                partial(self._open, at, body["trigger_id"], press.seen),
                partial(self._telling.not_opened, at),
            )
        ack()

    def chose(self, ack: Ack, body: Payload) -> None:
        press, person = filled_adapter_form(body), body["user"]["id"]
        try:
            if press:
                self._want(press, person, str(body["view"]["id"]), Request("", person))
        except RecordsError as error:
            ref = reference()
            log.exception("A press about adapters was not kept (reference %s)", ref)
            why = f"Not taken: {public_text(error)} Send again in a minute (reference {ref})."
            ack(response_action="errors", errors={"adapter": why})
        else:
            ack()

    def _want(self, press: AdapterPress, person: str, id_: str, at: Request) -> None:
        self._deciding.want(press, person, id_, at.channel, at.thread)
        self._forms.submit(self._resume, partial(log.warning, "A press waits: %s"))

    def _open(self, at: Request, trigger: str, seen: str | None) -> None:
        if why_not := refusal(self._people, self._nights, at.person):
            self._telling.privately(at, why_not)
            return
        found = self._nights.adapters.promotable(MOST)
        self._slack.open_view(trigger, adapter_form(found, seen) if found else no_adapter_form())


def _place(body: Payload) -> Request:
    """Where a button was pressed; without a channel it was in the Home tab."""
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    thread = container.get("thread_ts") or ""
    return Request(str(channel), body["user"]["id"], thread=str(thread))
