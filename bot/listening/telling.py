"""Tells one person something, beside what they did."""

import logging
from functools import partial
from uuid import uuid4

from bot.answers.blocks import text_message
from bot.jobs.workers import Workers
from bot.slack.client import SlackClient
from bot.slack.events import Request
from domain.errors import Phi3Error

log = logging.getLogger(__name__)

_NOT_OPENED = "I could not open that. Try again in a minute."


class Telling:
    """Posts what only one person sees; a thread of ``thanks`` does it, so nothing waits for it."""

    def __init__(self, slack: SlackClient, thanks: Workers) -> None:
        self._slack = slack
        self._thanks = thanks

    def privately(self, to: Request, text: str) -> None:
        self._thanks.submit(
            partial(self._tell, to, text), partial(log.warning, "Nobody could be told: %s")
        )

    def not_opened(self, to: Request, error: Exception) -> None:
        """Says that a form did not open, of which the person sees nothing else."""
        if isinstance(error, Phi3Error):
            log.warning("A form could not be opened: %s", error)
        else:
            log.error("A form could not be opened", exc_info=error)
        self.privately(to, _NOT_OPENED)

    def _tell(self, to: Request, text: str) -> None:
        """In the channel of the request; of the Home tab, which has none, in a direct message."""
        message = text_message(text)
        if to.channel:
            self._slack.post_ephemeral(
                to.channel, to.person, message.text, message.blocks, to.shown_in
            )
        else:
            self._slack.post(to.person, message.text, message.blocks)


def reference() -> str:
    """A reference with which the operator finds the error in the log."""
    return uuid4().hex[:8]
