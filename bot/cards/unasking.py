"""Deletes what the bot wrote to an expert about a question that was deleted: it quotes it."""

import logging
from collections.abc import Callable

from bot.cards.messages import asking_mark, offer_mark
from bot.slack.client import SlackClient
from bot.slack.errors import may_pass
from bot.slack.lookups import Posted
from bot.slack.message_ref import MessageRef, message_ref
from domain.errors import MessengerRefused
from domain.questions import Question
from records.cards import Cards

log = logging.getLogger(__name__)


class Unasking:
    """``remove`` deletes a message of the bot; it raises only if that may work later."""

    def __init__(
        self, slack: SlackClient, cards: Cards, remove: Callable[[MessageRef], None]
    ) -> None:
        self._slack = slack
        self._cards = cards
        self._remove = remove

    def forget(self, question: Question) -> None:
        """What somebody confirmed stays, with the message that says so.

        Raises DatabaseUnavailable, and MessengerError if it may work later.
        """
        card = self._cards.of_question(question.id)
        if card is None:
            return
        at, offer = message_ref(card.thread), offer_mark(card)
        asked = asking_mark(question)
        # The row names neither what an earlier expert was asked, nor a post before a crash.
        found = {
            one.ts
            for one in self._own(at)
            if one.mark.startswith(asked) or (card.is_open and one.mark == offer)
        }
        known = {card.asking, card.offer if card.is_open else ""} - {""}
        for ts in sorted(found | known):
            self._remove(at.at(ts))

    def _own(self, thread: MessageRef) -> list[Posted]:
        try:
            posted = self._slack.messages(thread.channel, thread.ts, thread.ts)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            log.warning("Slack does not let me look for what an expert was asked: %s", error)
            return []
        return [one for one in posted if one.is_own]
