"""Keeps a person's Home tab: shows their questions, and takes what they choose there."""

import logging
from functools import partial

from bot.home.view import KEEP_OUT, QUESTIONS, TAKE_IN, home_view
from bot.jobs.workers import Workers
from bot.slack.client import Me, SlackClient
from records.answers import Answers
from records.consent import Consent

log = logging.getLogger(__name__)


class Home:
    """The tab is made anew when somebody opens it, by a thread of ``forms``."""

    def __init__(
        self, slack: SlackClient, me: Me, answers: Answers, consent: Consent, forms: Workers
    ) -> None:
        self._slack = slack
        self._me = me
        self._answers = answers
        self._consent = consent
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
        asked = self._answers.of_person(person, QUESTIONS)
        may_train = self._consent.may_train(person)
        view = home_view(asked, may_train=may_train, workspace=self._me.url)
        self._slack.publish_home(person, view)
