"""Takes answers from those who can no longer read the channel in which they were written."""

import logging
from collections.abc import Iterable
from itertools import groupby

from bot.cards.indexing import CardIndex
from bot.slack.client import Me
from bot.slack.conversations import ChannelKind, Conversations
from bot.slack.message_ref import message_ref
from domain.cards import Card
from domain.errors import MessengerError
from domain.labels import channel_label
from domain.questions import Audience
from records.cards import Cards

log = logging.getLogger(__name__)


class Narrowing:
    def __init__(
        self, me: Me, conversations: Conversations, cards: Cards, index: CardIndex
    ) -> None:
        self._me = me
        self._conversations = conversations
        self._cards = cards
        self._index = index

    def narrow(self) -> None:
        """Asks Slack about each channel of which more than its people may read an answer.

        Raises DatabaseUnavailable and RetrievalError; what is left is done the next time.
        """
        wide = [
            card
            for card in self._cards.verified()
            if card.is_in_slack and card.audience.reaches_everyone
        ]
        for channel, its in groupby(sorted(wide, key=_channel), _channel):
            if message_ref(channel).team == self._me.team and not self._is_public(channel):
                log.warning("%s is not public any more: its answers are taken from others", channel)
                self._narrow(channel, its)

    def _narrow(self, channel: str, cards: Iterable[Card]) -> None:
        """The card comes last, so that after a crash all is done again."""
        at = message_ref(channel)
        left = Audience.of(channel_label(at.team, at.channel))
        for card in cards:
            self._index.narrow(card.source, left)
            self._cards.note(card.id, audience=left)

    def _is_public(self, channel: str) -> bool:
        try:
            kind = self._conversations.as_it_is_now(message_ref(channel).channel).kind
        except MessengerError as error:
            log.warning("Slack does not say who can read %s: %s", channel, error)
            return True
        return kind is ChannelKind.PUBLIC


def _channel(card: Card) -> str:
    """The name of the channel, without a message."""
    at = message_ref(card.thread)
    return str(at.at(""))
