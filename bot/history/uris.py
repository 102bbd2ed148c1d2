"""The names of Slack's channels, threads and days, as collections and documents have them.

slack-channel:T1:C1                      a channel: a collection
slack-thread:T1:C1:1700000000.000100     a thread: a document, and a collection if added alone
slack-day:T1:C1:2026-11-26               the short messages of a day: a document
slack-file:F1                            a file: a document
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from domain.links import DAY, THREAD

CHANNEL, FILE = "slack-channel", "slack-file"


@dataclass(frozen=True, slots=True)
class SlackPlace:
    """A channel, or what of it is named by ``at``: a thread's ts, or a day."""

    kind: str
    team: str
    channel: str
    at: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, (self.kind, self.team, self.channel, self.at)))

    @property
    def day(self) -> date | None:
        """The day of a thread's first message, or the day itself, in UTC; None of a channel."""
        if self.kind == THREAD:
            return day_of(self.at)
        return date.fromisoformat(self.at) if self.kind == DAY else None


def slack_place(uri: str) -> SlackPlace | None:
    """What ``uri`` names in Slack; None for anything else, files too."""
    kind, *parts = uri.split(":")
    match kind, parts:
        case ("slack-channel", [team, channel]):
            return SlackPlace(kind, team, channel)
        case ("slack-thread", [team, channel, at]) if is_ts(at):
            return SlackPlace(kind, team, channel, at)
        case ("slack-day", [team, channel, at]) if _is_day(at):
            return SlackPlace(kind, team, channel, at)
    return None


def is_ts(text: str) -> bool:
    """Whether ``text`` has the form of a message's ts, such as 1700000000.000100."""
    seconds, _, fraction = text.partition(".")
    digits = seconds + fraction
    return digits.isascii() and digits.isdecimal() and len(seconds) == 10 and len(fraction) <= 9


def day_of(ts: str) -> date:
    return datetime.fromtimestamp(float(ts), UTC).date()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
