"""Keeps a person's Home tab: shows their questions, takes what they choose there, and shows admins
what they look after.
"""

import logging
from functools import partial

from bot.answers.blocks import SlackBlock, small
from bot.home.admin import AdminPart
from bot.home.view import KEEP_OUT, QUESTIONS, TAKE_IN, home_view
from bot.jobs.workers import Workers
from bot.slack.client import Me, SlackClient
from domain.errors import MessengerError
from records.answers import Answers
from records.consent import Consent

log = logging.getLogger(__name__)

_NOT_NOW = "Slack does not say now whether you are an admin: open this tab again in a minute."


class Home:
    """The tab is made anew when somebody opens it, by a thread of ``forms``."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        answers: Answers,
        consent: Consent,
        admin: AdminPart,
        forms: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._answers = answers
        self._consent = consent
        self._admin = admin
        self._forms = forms

    def opened(self, person: str) -> None:
        self._forms.submit(
            partial(self._publish, person), partial(log.warning, "No Home tab is shown: %s")
        )

    def chose(self, person: str, value: str) -> None:
        """Stores whether the night may train on what a person asks. Raises DatabaseUnavailable.

        Any value but the two of the button changes nothing.
        """
        if value in (KEEP_OUT, TAKE_IN):
            self._consent.choose(person, may_train=value == TAKE_IN)
        self.opened(person)

    def _publish(self, person: str) -> None:
        asked = self._answers.of_person(person, QUESTIONS, self._me.team)
        may_train = self._consent.may_train(person)
        view = home_view(asked, may_train=may_train, workspace=self._me.url)
        view["blocks"] += self._of_admin(person)
        self._slack.publish_home(person, view)

    def _of_admin(self, person: str) -> list[SlackBlock]:
        """Below a person's own part; nothing for those who are no admins."""
        try:
            return self._admin.blocks(person) if self._admin.is_admin(person) else []
        except MessengerError:
            return [{"type": "divider"}, small(_NOT_NOW)]
