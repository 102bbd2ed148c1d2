"""Reads the history of channels page by page."""

from collections.abc import Callable, Iterator

from bot.history.messages import HistoryMessage, HistoryPage
from bot.history.window import Window
from bot.slack.client import SlackClient
from bot.slack.errors import waiting_for_slack
from domain.errors import MessengerRefused, UnreadableSource

REPLIES = 10
"""The most pages of 200 messages of a thread: no more than 2,000 messages become a document."""

_REMOVED = {"not_in_channel", "channel_not_found", "method_not_supported_for_channel_type"}
_GONE = {"thread_not_found", "message_not_found"}

Download = Callable[[str], tuple[str, bytes]]
"""Gives the name and content of a file, by ``slack-file:ID``. Raises IngestError."""


class HistoryCalls:
    """Every method raises MessengerUnavailable if Slack does not answer, or is busy for too long.

    Where Slack refuses for another reason, they raise UnreadableSource.
    """

    def __init__(self, slack: SlackClient, download: Download) -> None:
        self._slack = slack
        self.download = download

    def messages(self, channel: str, window: Window) -> Iterator[HistoryPage]:
        """Pages of the messages of these days, the newest first, without replies."""
        next_page, is_more = "", True
        while is_more:
            try:
                with waiting_for_slack():
                    page = self._slack.history(channel, window.oldest, window.latest, next_page)
            except MessengerRefused as error:
                raise _unreadable(error) from error
            yield page
            next_page = page.next_page
            is_more = bool(next_page)

    def thread(self, channel: str, ts: str) -> list[HistoryMessage]:
        """The messages of a thread in order, at most ``REPLIES`` pages; none if it is deleted."""
        found, next_page = list[HistoryMessage](), ""
        for _ in range(REPLIES):
            try:
                with waiting_for_slack():
                    page = self._slack.replies(channel, ts, next_page)
            except MessengerRefused as error:
                if error.code in _GONE:
                    return []
                raise _unreadable(error) from error
            found += (one for one in page.messages if one.thread == ts)
            next_page = page.next_page
            if not next_page:
                break
        return found


def _unreadable(error: MessengerRefused) -> UnreadableSource:
    if error.code in _REMOVED:
        return UnreadableSource(
            "I am not in this channel any more. What I read there before is kept: invite me to it "
            "again, or take it from me with /phi3-ingest remove"
        )
    return UnreadableSource(f"Slack does not let me read the messages ({error.code})")
