"""Single addresses: web pages, and files of Slack."""

from collections.abc import Mapping, Sequence

from knowledge.sources.base import Entry, Fetched, Listing
from knowledge.sources.fetch import Fetcher


class FetchedSources:
    """Implements Connector for addresses that were named one by one."""

    def __init__(self, uris: Sequence[str], fetcher: Fetcher) -> None:
        self._uris, self._fetcher = uris, fetcher

    def list(self, known: Mapping[str, str], cursor: str) -> Listing:  # noqa: ARG002
        return Listing(tuple(Entry(uri) for uri in self._uris))

    def read(self, entry: Entry, version: str) -> Fetched:  # noqa: ARG002 - it has none
        return Fetched(self._fetcher.fetch(entry.uri))
