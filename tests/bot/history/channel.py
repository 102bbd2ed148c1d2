"""A channel of the double in which tests write, and whose connector they drive."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.history.calls import HistoryCalls
from bot.history.channel import SlackChannel
from bot.history.documents import Documents
from bot.history.names import Names
from bot.history.thread import SlackThread
from bot.history.uris import SlackPlace
from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from domain.blocks import Content
from domain.errors import GoneSource
from knowledge.sources.base import Entry, Fetched, Listing
from tests.slack_double import BOT_TOKEN, ME, SlackDouble

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
LONG = "The new printer on the third floor stands behind the stairs. " * 5


@dataclass
class Channel:
    """``now`` is the connector's clock; what is written without ``ago`` is written at that time."""

    slack: SlackDouble
    now: datetime = NOON
    known: dict[str, str] = field(default_factory=dict)
    cursor: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    """What was read last of each document."""
    titles: dict[str, str] = field(default_factory=dict)
    _n: Any = field(default_factory=count)

    def write(
        self,
        text: str,
        user: str = "U1",
        *,
        thread: str = "",
        ago: timedelta = timedelta(),
        **fields: Any,
    ) -> str:
        """Writes a message, in a thread if its ts is given; returns its ts."""
        ts = f"{(self.now - ago).timestamp() + next(self._n):.0f}.000100"
        message = {"type": "message", "user": user, "text": text, "ts": ts, **fields}
        if thread:
            message["thread_ts"] = thread
        self.slack.written.setdefault("C1", []).append(message)
        return ts

    def edit(self, ts: str, text: str) -> None:
        self._message(ts).update(text=text, edited={"user": "U1", "ts": f"{next(self._n)}.0"})

    def delete(self, ts: str) -> None:
        self.slack.written["C1"].remove(self._message(ts))

    def _message(self, ts: str) -> dict[str, Any]:
        return next(one for one in self.slack.written["C1"] if one["ts"] == ts)

    def sync(self, **limits: Any) -> set[str]:
        """Reads the channel as an ingest does; returns the uris that were read."""
        return self._sync(self.connector(**limits))

    def connector(self, **limits: Any) -> SlackChannel:
        return SlackChannel(self.calls, self.documents, CHANNEL, clock=lambda: self.now, **limits)

    def read(self, uri: str) -> Fetched:
        """Lists the channel, and reads one document."""
        connector = self.connector()
        listing = connector.list({}, "")
        (entry,) = (one for one in listing.entries if one.uri == uri)
        fetched = connector.read(entry, "")
        assert fetched
        return fetched

    def sync_thread(self, ts: str) -> set[str]:
        place = SlackPlace("slack-thread", "T1", "C1", ts)
        return self._sync(SlackThread(self.calls, self.documents, place))

    def _sync(self, connector: SlackChannel | SlackThread) -> set[str]:
        listing = connector.list(dict(self.known), self.cursor)
        entries = list(listing.entries)
        read = set()
        for entry in entries:
            if entry.version and entry.version == self.known.get(entry.uri):
                continue
            if self._read(connector, entry):
                read.add(entry.uri)
        for uri in self._gone(listing, {entry.uri for entry in entries}):
            self.known.pop(uri)
            self.texts.pop(uri)
        self.cursor = listing.cursor
        return read

    def _read(self, connector: SlackChannel | SlackThread, entry: Entry) -> bool:
        try:
            fetched = connector.read(entry, self.known.get(entry.uri, ""))
        except GoneSource:
            return False
        assert fetched
        text = text_of(fetched)
        is_new = text != self.texts.get(entry.uri)
        self.texts[entry.uri], self.known[entry.uri] = text, fetched.version
        if isinstance(fetched.content, Content):
            self.titles[entry.uri] = fetched.content.title
        return is_new

    def _gone(self, listing: Listing, found: set[str]) -> list[str]:
        gone = listing.gone
        if listing.is_complete:
            gone = tuple(uri for uri in self.known if uri not in found)
        return [uri for uri in gone if uri in self.known]

    @property
    def calls(self) -> HistoryCalls:
        client = SlackClient(BOT_TOKEN, self.slack.url)
        return HistoryCalls(client, SlackFiles(client).download)

    @property
    def documents(self) -> Documents:
        client = SlackClient(BOT_TOKEN, self.slack.url)
        me = client.me()
        assert me.user == ME
        return Documents(me, Names(client.profile), "#general")


CHANNEL = SlackPlace("slack-channel", "T1", "C1")


def text_of(fetched: Fetched) -> str:
    if not isinstance(fetched.content, Content):
        return fetched.content.content.decode()
    return "\n".join(getattr(block, "text", "") for block in fetched.content.blocks)


def thread(ts: str) -> str:
    return f"slack-thread:T1:C1:{ts}"
