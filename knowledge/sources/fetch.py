"""Fetches web pages, but nothing from the private network that this program runs in.

The name of each host, also after redirects, is looked up once. Every address must be public, and
the connection uses the address that was checked, so that the name cannot be changed to another
address in between (DNS rebinding). Proxies from the environment are not used, since they would look
up the name again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from domain.cards import is_card
from domain.errors import ForbiddenSource
from knowledge.readers.base import File
from knowledge.readers.recognition import refuse_declared
from knowledge.sources.download import Downloaded, download, http_date
from knowledge.sources.network import Address
from knowledge.sources.page_version import PageVersion
from knowledge.sources.unpacking import too_large

Download = Callable[[str], tuple[str, bytes]]
"""Takes a Slack file's id, and returns its name and content. Raises IngestError."""

SLACK_FILE = "slack-file:"
# Not public, although Python says so: Azure's internal address, and ranges of IPv6 that contain
# IPv4 addresses.
_ALSO_PRIVATE = tuple(
    ip_network(network)
    for network in ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48", "2001::/23", "fec0::/10")
)
_NEVER_READ = PageVersion()
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # there were no pages before
_MADE_UP = timedelta(seconds=5)
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its server sent it. ``modified`` is when it was changed last, if that is said.

    ``moved_to`` is the address after permanent redirects; ``robots`` is what its server asks of
    programs, in lower case, such as ``noindex``.
    """

    file: File
    version: PageVersion
    moved_to: str
    modified: datetime | None = None
    robots: str = ""


class Fetcher:
    """Reads http(s) URLs and ``slack-file:ID``. Several threads may use it at once.

    ``limit`` is in bytes, before and after decompression; ``seconds`` is the longest time for one
    whole fetch. ``allowed_private_hosts`` names hosts of the private network that may be read.
    """

    def __init__(
        self,
        *,
        limit: int = 50_000_000,
        seconds: float = 60.0,
        allowed_private_hosts: Iterable[str] = (),
        download: Download | None = None,
    ) -> None:
        self._limit, self._seconds = limit, seconds
        self._allowed = frozenset(host.lower() for host in allowed_private_hosts)
        self._download = download

    def fetch(self, uri: str) -> File:
        """Reads a source. Raises ForbiddenSource, UnreadableSource and UnsupportedSource."""
        if uri.startswith(SLACK_FILE):
            return self._slack_file(uri.removeprefix(SLACK_FILE))
        return _file(self._download_page(uri, PageVersion()))

    def page(self, address: str, version: PageVersion = _NEVER_READ) -> Page | None:
        """The page at ``address``; None if it is unchanged since ``version``.

        Raises ForbiddenSource, UnsupportedSource and UnreadableSource, of which GoneSource,
        ServerFailed and ServerIsBusy.
        """
        found = self._download_page(address, version)
        got = PageVersion.of(found, version.listed)
        if found.is_unchanged or (got.digest == version.digest and got.url == version.url):
            return None
        robots = found.headers.get("x-robots-tag", "").lower()
        return Page(_file(found), got, found.moved_to, _modified(found), robots)

    def refuse_private(self, host: str, addresses: Sequence[Address]) -> None:
        """Raises ForbiddenSource for a host in a private network that is not allowed."""
        if host.lower() not in self._allowed and not all(map(is_public, addresses)):
            raise ForbiddenSource(
                "it is in a private network, where only what the person who runs me allows is read",
                f"{host}; PHI3_INGEST_PRIVATE_HOSTS names what is allowed",
            )

    def _download_page(self, address: str, version: PageVersion) -> Downloaded:
        return download(
            address,
            limit=self._limit,
            seconds=self._seconds,
            check=self.refuse_private,
            accept=refuse_declared,
            conditions=version.conditions(),
        )

    def _slack_file(self, file_id: str) -> File:
        if self._download is None:
            raise ForbiddenSource("files of Slack are read by the bot only")
        name, content = self._download(file_id)
        if len(content) > self._limit:
            raise too_large(self._limit)
        return File(content, name)


def _file(page: Downloaded) -> File:
    return File(
        page.content,
        PurePath(unquote(urlsplit(page.url).path)).name,
        _charset(page.content_type),
        page.content_type,
        page.url,
    )


def _modified(page: Downloaded) -> datetime | None:
    """When a page was changed, in UTC; None if its server made the date up while it answered."""
    at = http_date(page.headers.get("last-modified", ""))
    sent = http_date(page.headers.get("date", "")) or datetime.now(UTC)
    return at if at and _OLDEST < at < sent - _MADE_UP else None


def is_remote(uri: str) -> bool:
    return "://" in uri or uri.startswith(SLACK_FILE) or is_card(uri)


def _charset(content_type: str) -> str:
    header = Message()
    header["content-type"] = content_type
    return header.get_content_charset("")


def is_public(address: Address) -> bool:
    """Whether ``address``, and any address that is embedded in it, is public."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    listed = any(address in network for network in _ALSO_PRIVATE)
    return address.is_global and not address.is_multicast and not listed
