"""The connector of a channel: its threads, its short messages day by day, and its files."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from math import inf

from bot.history.calls import HistoryCalls
from bot.history.documents import (
    Documents,
    date_in_words,
    version_of_day,
    version_of_thread,
)
from bot.history.messages import HistoryMessage
from bot.history.uris import FILE, SlackPlace, day_of, is_ts, slack_place
from bot.history.window import Window, listed
from domain.documents import Skipped
from domain.errors import GoneSource, MessengerUnavailable
from domain.links import DAY, THREAD
from knowledge.readers.base import File
from knowledge.sources.base import Entry, Fetched, Listing

log = logging.getLogger(__name__)

PAGES = 50
"""After this many pages of 200 messages a listing ends with the day; the next one goes on."""
THREADS = 500
"""After this many threads that were read a listing ends with the day; the next one goes on."""
SETTLED = timedelta(days=7)
"""A listing of the whole history reads threads again that got a reply in this time: Slack's list of
messages does not show that a reply was edited."""


_FEW = 3
"""So many documents of a channel may always go: their messages were deleted one by one."""


class SlackChannel:
    """Lists and reads the documents of one channel; implements Connector.

    With ``thread``, the ts of a first message, only the day of that message is listed, and the
    thread is read again in any case: an event says that it has changed. Threads are read while they
    are listed, since only then their files are known.

    The calls wait as Slack asks them to. If that takes too long, the next listing goes on with the
    day that could not be listed.
    """

    def __init__(
        self,
        calls: HistoryCalls,
        documents: Documents,
        channel: SlackPlace,
        *,
        thread: str = "",
        pages: int = PAGES,
        threads: int = THREADS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._calls = calls
        self._documents = documents
        self._channel = channel
        self._thread = thread
        self._most_pages, self._most_threads = pages, threads
        self._clock = clock
        self._pages = self._threads = 0  # of the window that is listed now
        self._known: Mapping[str, str] = {}
        self._files: Mapping[str, Mapping[str, str]] = {}
        self._entries: dict[str, str] = {}
        self._content: dict[str, Fetched] = {}

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:
        """Raises UnreadableSource if the bot may not read the channel, and MessengerUnavailable."""
        self._known, self._entries = known, {}
        self._files = _files_by_thread(known)
        now, before = self._clock(), listed(cursor)
        day = day_of(self._thread) if self._thread else None
        windows = [Window(day, day)] if day else before.windows(now)
        seen: list[Window] = []
        stopped: date | None = None
        for window in windows:
            stopped = self._list(window, now)
            if part := window.down_to(stopped):
                seen.append(part)
        is_complete, gone = seen == [Window()], tuple(self._gone(seen))
        left = f"messages up to {date_in_words(stopped)} are read next time" if stopped else ""
        return Listing(
            [Entry(uri, version) for uri, version in self._entries.items()],
            skipped=(Skipped(str(self._channel), left),) if left else (),
            is_complete=is_complete,
            # Of a whole history much is only removed if a person confirms it.
            gone=() if is_complete and len(gone) > _FEW else gone,
            cursor=cursor if day else str(before.after(windows[-1], stopped, now)),
        )

    def read(self, entry: Entry, version: str) -> Fetched | None:  # noqa: ARG002 - list compares
        """Raises GoneSource, the errors of a file's download, and MessengerUnavailable."""
        if entry.uri.startswith(f"{FILE}:"):
            name, content = self._calls.download(entry.uri)
            return Fetched(File(content, name), entry.version)
        fetched = self._content.pop(entry.uri, None) or self._read(entry.uri)
        if fetched is None:
            raise GoneSource("its messages are deleted")
        return fetched

    def _list(self, window: Window, now: datetime) -> date | None:
        """Adds the entries of these days; returns the day at which it stopped, if it did."""
        self._pages = self._threads = 0
        unsettled = (now - SETTLED).timestamp() if window.first is None else inf
        done: date | None = None
        try:
            for day, messages in self._days(window):
                if done and self._is_enough:
                    return day
                self._list_day(day, messages, unsettled)
                done = day
        except MessengerUnavailable as error:
            if done is None:
                raise
            log.info("The listing of %s goes on later: %s", self._channel, error)
            return done - timedelta(days=1)
        return None

    @property
    def _is_enough(self) -> bool:
        return self._pages > self._most_pages or self._threads >= self._most_threads

    def _days(self, window: Window) -> Iterator[tuple[date, tuple[HistoryMessage, ...]]]:
        """The messages of each day, newest first; replies are not among them."""
        messages = (
            message
            for page in self._counted(window)
            for message in page
            if not message.is_reply and window.covers(message.day)
        )
        for day, group in groupby(messages, key=lambda message: message.day):
            yield day, tuple(group)

    def _counted(self, window: Window) -> Iterator[tuple[HistoryMessage, ...]]:
        for page in self._calls.messages(self._channel.channel, window):
            self._pages += 1
            yield page.messages

    def _list_day(self, day: date, messages: Sequence[HistoryMessage], unsettled: float) -> None:
        kept = [message for message in messages if self._documents.is_kept(message)]
        for message in kept:
            if self._documents.is_alone(message):
                self._list_thread(message, unsettled)
        short = [message for message in kept if not self._documents.is_alone(message)][::-1]
        uri, version = self._uri(DAY, day.isoformat()), version_of_day(short)
        if self._known.get(uri) != version:
            content = self._documents.day(short)
            if content is None:
                return
            self._content[uri] = Fetched(content, version, short[-1].at)
        self._entries[uri] = version
        self._list_files(short)

    def _list_thread(self, root: HistoryMessage, unsettled: float) -> None:
        uri, version = self._uri(THREAD, root.ts), version_of_thread(root)
        is_same = self._known.get(uri) == version
        may_differ = root.ts == self._thread or (
            is_ts(root.latest_reply) and float(root.latest_reply) >= unsettled
        )
        # A file whose version is not known may be in any thread.
        if is_same and not may_differ and not ("" in self._files and root.replies):
            self._entries[uri] = version
            self._entries |= self._files.get(root.ts, {})
            return
        messages = [root]
        if root.replies:
            self._threads += 1
            messages = self._calls.thread(self._channel.channel, root.ts)
        content = self._documents.thread(messages)
        if content is None:
            return
        self._content[uri] = Fetched(content, version, messages[-1].at)
        # Without a version it is read, and its content is compared.
        self._entries[uri] = "" if is_same else version
        self._list_files(messages)

    def _list_files(self, messages: Sequence[HistoryMessage]) -> None:
        """A file's version names the thread that it is in. A file may be shared several times."""
        for message in messages:
            for file in message.files:
                self._entries.setdefault(file.file.uri, f"{message.thread}/{file.changed}")

    def _gone(self, seen: Sequence[Window]) -> Iterator[str]:
        """The known documents of the days that were listed, without those that were found."""
        for uri, version in self._known.items():
            if uri in self._entries:
                continue
            place = slack_place(uri)
            day = place.day if place else _day_of_file(version)
            if day and any(window.covers(day) for window in seen):
                yield uri

    def _read(self, uri: str) -> Fetched | None:
        """Reads a document that the listing took for unchanged."""
        place = slack_place(uri)
        if place is None or place.day is None:
            return None
        if place.kind == THREAD:
            messages = self._calls.thread(self._channel.channel, place.at)
            version = version_of_thread(messages[0]) if messages else ""
            content = self._documents.thread(messages)
        else:
            of_day = [one for _, day in self._days(Window(place.day, place.day)) for one in day]
            messages = [
                one
                for one in reversed(of_day)
                if self._documents.is_kept(one) and not self._documents.is_alone(one)
            ]
            version, content = version_of_day(messages), self._documents.day(messages)
        return Fetched(content, version, messages[-1].at) if content else None

    def _uri(self, kind: str, at: str) -> str:
        return str(SlackPlace(kind, self._channel.team, self._channel.channel, at))


def _files_by_thread(known: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """The known files, by the thread that they are in; by nothing if that is not known."""
    found: dict[str, dict[str, str]] = {}
    for uri, version in known.items():
        if uri.startswith(f"{FILE}:"):
            found.setdefault(version.partition("/")[0], {})[uri] = version
    return found


def _day_of_file(version: str) -> date | None:
    thread = version.partition("/")[0]
    return day_of(thread) if is_ts(thread) else None
