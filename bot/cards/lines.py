"""What an expert writes in a thread: which lines are part of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.history.markup import plain
from bot.history.messages import HistoryMessage
from bot.history.names import Names
from bot.questions import manners
from bot.questions.edits import changed
from bot.questions.manners import Manner
from bot.slack import events
from bot.slack.client import SlackClient
from bot.slack.events import Payload
from bot.slack.message_ref import message_ref
from domain.cards import Card

_PAGES = 5
"""The most pages of 200 messages of a thread that are read."""

_FEW = 8
"""A plan has fewer words: what somebody will do is no answer, unless they say more."""


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A line that a person has just written, or changed, in a thread."""

    channel: str
    thread: str
    person: str
    text: str


def thread_line(body: Payload, me: str) -> ThreadLine | None:
    """The line of an event; None if it mentions the bot, which then answers it."""
    if message := events.message(body, me):
        if not message.is_reply or message.is_mention:
            return None
        return ThreadLine(message.channel, message.thread, message.person, message.text)
    change = changed(body, me)
    thread = str((body["event"].get("message") or {}).get("thread_ts") or "")
    if change is None or not (change.text and thread):
        return None
    return ThreadLine(change.channel, thread, change.person, change.text)


def is_answer(text: str) -> bool:
    """Whether a line may say what was asked: it is no thanks, no question back, and no plan."""
    line = manners.folded(text)
    if manners.manner(text) is not Manner.OTHER or line.endswith(("?", "？", "؟")):
        return False
    return not (manners.has(line, "plan") and len(line.split()) < _FEW)


class Lines:
    """Reads what experts wrote."""

    def __init__(self, slack: SlackClient, names: Names) -> None:
        self._slack = slack
        self._names = names

    def of(self, card: Card, *, steady: bool) -> list[HistoryMessage]:
        """What the expert wrote since they were asked, oldest first, without what is no answer.

        Not ``steady``: a person waits. Raises MessengerError.
        """
        at, since = message_ref(card.thread), float(card.asking or _asked_ts(card))
        found, page = list[HistoryMessage](), ""
        for _ in range(_PAGES):
            read = self._slack.replies(at.channel, at.ts, page, steady=steady)
            found += read.messages
            page = read.next_page
            if not page:
                break
        return [
            one
            for one in found
            if one.person == card.expert and one.is_written and float(one.ts) > since
            if is_answer(one.text)
        ]

    def text(self, lines: Sequence[HistoryMessage]) -> str:
        """The lines as people see them, each a paragraph. Raises MessengerUnavailable."""
        shown = (plain(one.text, self._names.of) for one in lines)
        return "\n\n".join(filter(None, shown))


def _asked_ts(card: Card) -> str:
    return card.source.rpartition(":")[2]
