"""Fetches web pages for people, without becoming their way into the private network.

Each host, on each hop of a redirect, is resolved once; every address must be public; and the
connection goes to the address that was checked, so that a name cannot change its mind in between
(DNS rebinding). Proxies of the environment are not used: they would resolve the name themselves.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic

import httpx

from domain.errors import ForbiddenSource, UnreadableSource
from knowledge.extract import media_type, media_type_of_response

VENDOR_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)

Address = IPv4Address | IPv6Address
Download = Callable[[str], tuple[str, bytes]]
"""From a Slack file's id to its name and content. Raises IngestError."""

SLACK_FILE = "slack-file:"
_REDIRECTS = 5
# Not public, though Python takes them for it: Azure's own address inside each machine, and ranges
# of IPv6 that stand for addresses of IPv4.
_ALSO_PRIVATE = tuple(
    ip_network(network)
    for network in ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48", "2001::/23", "fec0::/10")
)
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source holds, and its media type."""

    content: bytes
    kind: str


class Fetcher:
    """Reads http(s) URLs and ``slack-file:ID``. Safe to use from threads.

    ``limit`` is in bytes, after decompression; ``seconds`` bounds the whole of one fetch.
    ``allowed_private_hosts`` names hosts of one's own network that may be read all the same.
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

    def fetch(self, uri: str) -> Fetched:
        """Raises ForbiddenSource, UnreadableSource and UnsupportedSource."""
        if uri.startswith(SLACK_FILE):
            return self._slack_file(uri.removeprefix(SLACK_FILE))
        try:
            return self._get(httpx.URL(uri))
        except VENDOR_ERRORS as e:
            raise UnreadableSource(*_reason(e)) from e

    def _slack_file(self, file_id: str) -> Fetched:
        if self._download is None:
            raise ForbiddenSource("files of Slack are read by the bot only")
        name, content = self._download(file_id)
        if len(content) > self._limit:
            raise self._too_large()
        return Fetched(content, media_type(name))

    def _get(self, url: httpx.URL) -> Fetched:
        until = monotonic() + self._seconds
        transport = _PinnedTransport(self._allowed, self._seconds)
        with (
            httpx.Client(
                transport=transport,
                follow_redirects=True,
                max_redirects=_REDIRECTS,
                timeout=min(self._seconds, 20.0),
                headers={"User-Agent": "phi3-expert", "Accept": "text/html, text/markdown, */*"},
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code >= 400:
                raise UnreadableSource(f"its server answered {response.status_code}")
            kind = media_type_of_response(
                response.headers.get("content-type", ""), str(response.url)
            )
            return Fetched(self._body(response, until), kind)

    def _body(self, response: httpx.Response, until: float) -> bytes:
        if int(response.headers.get("content-length") or 0) > self._limit:
            raise self._too_large()
        content = bytearray()
        for piece in response.iter_bytes(65_536):
            content += piece
            if len(content) > self._limit:
                raise self._too_large()
            if monotonic() > until:
                raise UnreadableSource(f"it took longer than {self._seconds:.0f} seconds")
        return bytes(content)

    def _too_large(self) -> UnreadableSource:
        return too_large(self._limit)


def too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(f"it is larger than {limit / 1_000_000:g} MB")


def is_public(address: Address) -> bool:
    """Whether ``address`` is one of the open internet, and stands for no other that is not."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    listed = any(address in network for network in _ALSO_PRIVATE)
    return address.is_global and not address.is_multicast and not listed


class _PinnedTransport(httpx.BaseTransport):
    """Connects to checked addresses only; sees every hop of a redirect."""

    def __init__(self, allowed: frozenset[str], seconds: float) -> None:
        self._inner = httpx.HTTPTransport(trust_env=False)
        self._allowed = allowed
        self._until = monotonic() + seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if monotonic() > self._until:
            raise httpx.TimeoutException("too many seconds", request=request)
        url = request.url
        if url.scheme not in ("http", "https"):
            raise ForbiddenSource(f"{url.scheme or 'such'} addresses are not fetched")
        if url.userinfo:
            raise ForbiddenSource("an address with a password in it is not fetched")
        addresses = self._checked(url)
        extensions = {**request.extensions, "sni_hostname": url.host}
        for last, address in enumerate(addresses, 1 - len(addresses)):
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions=extensions,
            )
            try:
                return self._inner.handle_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not last:
                    raise
        raise httpx.ConnectError("no address", request=request)

    def close(self) -> None:
        self._inner.close()

    def _checked(self, url: httpx.URL) -> list[Address]:
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = _resolve(url.host, port)
        if url.host.lower() not in self._allowed and not all(map(is_public, addresses)):
            raise ForbiddenSource(
                "it is in a private network, which is not fetched from unless "
                "PHI3_INGEST_PRIVATE_HOSTS names its host",
                url.host,
            )
        return addresses


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise UnreadableSource("there is no such host", host) from e
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in dict.fromkeys(found)]


def _reason(error: Exception) -> tuple[str, str]:
    """What a person is told, and what the log says besides."""
    detail = (" ".join(str(error).split()) or type(error).__name__)[:200]
    match error:
        case httpx.TimeoutException():
            return "its server took too long", detail
        case httpx.TooManyRedirects():
            return f"it redirects more than {_REDIRECTS} times", ""
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "its address cannot be read", detail
        case httpx.ConnectError():
            return "its server cannot be reached", detail
    return "its server broke off, or did not answer as web servers do", detail
