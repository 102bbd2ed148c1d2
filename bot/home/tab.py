"""Keeps a person's Home tab: shows their questions, takes what they choose there, and shows admins
what they look after.
"""

import logging
from collections.abc import Collection
from functools import partial

from bot.answers.blocks import SlackBlock, small
from bot.home.admin import AdminPart
from bot.home.view import KEEP_OUT, QUESTIONS, TAKE_IN, home_view, latest_of_each
from bot.jobs.workers import Workers
from bot.ratings.readers import Readers
from bot.slack.client import Me, SlackClient
from bot.slack.message_ref import message_ref
from domain.cards import Card
from domain.errors import MessengerError
from records.answers import Answers
from records.cards import Cards
from records.consent import Consent

log = logging.getLogger(__name__)

_NOT_NOW = "Slack does not say now whether you are an admin: open this tab again in a minute."


class Home:
    """The tab is made anew when somebody opens it, by a thread of ``homes``."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        answers: Answers,
        consent: Consent,
        cards: Cards,
        readers: Readers,
        admin: AdminPart,
        homes: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._answers = answers
        self._consent = consent
        self._cards = cards
        self._readers = readers
        self._admin = admin
        self._homes = homes

    def opened(self, person: str) -> None:
        self._homes.submit(
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
        latest = self._answers.of_person(person, 3 * QUESTIONS, self._me.team)
        asked = latest_of_each(latest)[:QUESTIONS]
        view = home_view(
            asked,
            may_train=self._consent.may_train(person),
            workspace=self._me.url,
            confirmed=self._confirmed(person, [one.question.id for one in asked]),
        )
        view["blocks"] += self._of_admin(person)
        self._slack.publish_home(person, view)

    def _confirmed(self, person: str, question_ids: Collection[str]) -> dict[str, Card]:
        """What experts answered, where the person can still read it."""
        found = self._cards.confirmed(question_ids)
        return {each: card for each, card in found.items() if self._can_read(person, card)}

    def _can_read(self, person: str, card: Card) -> bool:
        try:
            return self._readers.can_read(message_ref(card.thread).channel, person, card.asked_by)
        except MessengerError:
            return False

    def _of_admin(self, person: str) -> list[SlackBlock]:
        """Below a person's own part; nothing for those who are no admins."""
        try:
            return self._admin.blocks(person) if self._admin.is_admin(person) else []
        except MessengerError:
            return [{"type": "divider"}, small(_NOT_NOW)]
