"""What admins press in their part of the Home tab, besides the buttons about adapters."""

import logging
from collections.abc import Callable
from functools import partial

from slack_bolt import Ack, App

from bot.answers.blocks import SlackBlock
from bot.home.admin import AdminPart
from bot.home.admin_view import RETRY, WHOLE_REPORT, without_picture
from bot.home.retrying import Retrying
from bot.jobs.workers import Workers
from bot.listening.telling import Telling, reference
from bot.slack.client import SlackClient
from bot.slack.errors import may_pass
from bot.slack.events import Payload, Request, press_id
from domain.errors import MessengerRefused, RecordsError, public_text

log = logging.getLogger(__name__)


class AdminListeners:
    """A press is stored before it is acknowledged; ``resume`` does what is stored, soon."""

    def __init__(
        self,
        slack: SlackClient,
        part: AdminPart,
        retrying: Retrying,
        telling: Telling,
        forms: Workers,
        resume: Callable[[], object],
    ) -> None:
        self._slack = slack
        self._part = part
        self._retrying = retrying
        self._telling = telling
        self._forms = forms
        self._resume = resume

    def listen(self, app: App) -> None:
        app.action(RETRY)(self.wanted_retry)
        app.action(WHOLE_REPORT)(self.opening_report)

    def wanted_retry(self, ack: Ack, body: Payload) -> None:
        person, uri = body["user"]["id"], str(body["actions"][0].get("value") or "")
        try:
            self._retrying.want(uri, person, press_id(body))
            self._forms.submit(self._resume, partial(log.warning, "A press waits: %s"))
        except RecordsError as error:
            ref = reference()
            log.exception("A source is not read again (reference %s)", ref)
            text = f"Not taken: {public_text(error)} Press again in a minute (reference {ref})."
            self._telling.privately(Request("", person), text)
        ack()

    def opening_report(self, ack: Ack, body: Payload) -> None:
        person, run_id = body["user"]["id"], str(body["actions"][0].get("value") or "")
        self._forms.submit(
            partial(self._open, person, run_id, body["trigger_id"]),
            partial(self._telling.not_opened, Request("", person)),
        )
        ack()

    def _open(self, person: str, run_id: str, trigger: str) -> None:
        if why_not := self._retrying.refusal(person):
            self._telling.privately(Request("", person), why_not)
        elif view := self._part.report(person, run_id):
            self._show(trigger, view)

    def _show(self, trigger: str, view: SlackBlock) -> None:
        try:
            self._slack.open_view(trigger, view)
        except MessengerRefused as error:
            bare = without_picture(view)
            if may_pass(error) or bare == view:
                raise
            # Somebody deleted the picture.
            self._slack.open_view(trigger, bare)
