"""The connector of one thread that was added alone: the thread and its files."""

from collections.abc import Mapping

from bot.history.calls import HistoryCalls
from bot.history.documents import Documents, version_of_thread
from bot.history.uris import FILE, SlackPlace
from domain.errors import GoneSource, UnsupportedSource
from knowledge.readers.base import File
from knowledge.sources.base import Entry, Fetched, Listing


class SlackThread:
    """Implements Connector. The thread is read each time: it costs one call."""

    def __init__(self, calls: HistoryCalls, documents: Documents, thread: SlackPlace) -> None:
        self._calls = calls
        self._documents = documents
        self._thread = thread
        self._read: Fetched | None = None

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:
        """Raises UnreadableSource if the bot may not read the thread, and MessengerUnavailable."""
        messages = self._calls.thread(self._thread.channel, self._thread.at)
        uri = str(self._thread)
        content = self._documents.thread(messages)
        if content:
            self._read = Fetched(content, version_of_thread(messages[0]), messages[-1].at)
        elif uri not in known:
            raise UnsupportedSource("only I and the person who asked me wrote in this thread")
        found = {uri: ""} if content else {}
        found |= {
            file.file.uri: f"{self._thread.at}/{file.changed}"
            for message in messages
            for file in message.files
        }
        gone = tuple(one for one in known if one not in found)
        # A thread that is gone was deleted: there is nothing that could only be out of sight.
        return Listing(
            [Entry(*one) for one in found.items()], is_complete=False, gone=gone, cursor=cursor
        )

    def read(self, entry: Entry, version: str) -> Fetched | None:  # noqa: ARG002 - see the class
        """Raises GoneSource, and the errors of a file's download."""
        if entry.uri.startswith(f"{FILE}:"):
            name, content = self._calls.download(entry.uri)
            return Fetched(File(content, name), entry.version)
        if self._read is None:
            raise GoneSource("its messages are deleted")
        return self._read
