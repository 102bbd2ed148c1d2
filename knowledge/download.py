"""One GET over HTTP(S) that is bounded in time and size, whatever its server does.

The time counts from the look-up of the name to the last byte, redirects included: each wait on the
network gets what is left of it, so that a server which sends a byte now and then gains nothing.
The body is unpacked here, piece by piece, so that what is small on the way cannot become large.
"""

import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import httpcore
import httpx

from domain.errors import ForbiddenSource, UnreadableSource

VENDOR_ERRORS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    httpx.InvalidURL,
)

Address = IPv4Address | IPv6Address
Check = Callable[[str, Sequence[Address]], None]
"""Refuses a host by its addresses: raises ForbiddenSource."""

_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)
_LONGEST_URL = 8_000
_PIECE = 65_536
_CONNECT_SECONDS = 20.0
_ZLIB = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # how zlib names these formats
_RAW_DEFLATE = -15


class Redirected(UnreadableSource):
    """The server sent us on more often than was allowed."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a server answered with; ``url`` is the last of the redirects."""

    content: bytes
    content_type: str
    url: str


def download(
    url: str,
    *,
    limit: int,
    seconds: float,
    check: Check | None = None,
    headers: Mapping[str, str] | None = None,
    redirects: int = _REDIRECTS,
    accept: Callable[[str, str], object] = lambda _content_type, _url: None,
) -> Downloaded:
    """What lies at ``url``: at most ``limit`` bytes, before and after unpacking.

    ``check`` sees the addresses of each host that is connected to. ``accept`` may refuse a content
    type, with the URL that it came from, before the body is read; it raises IngestError, as this
    raises ForbiddenSource and UnreadableSource.
    """
    deadline = _Deadline(seconds)
    try:
        return _followed(httpx.URL(url), deadline, limit, check, headers or {}, redirects, accept)
    except VENDOR_ERRORS as e:
        raise UnreadableSource(*_reason(e)) from e


def too_large(limit: int) -> UnreadableSource:
    return UnreadableSource(f"it is larger than {limit / 1_000_000:g} MB")


def _followed(
    url: httpx.URL,
    deadline: "_Deadline",
    limit: int,
    check: Check | None,
    headers: Mapping[str, str],
    redirects: int,
    accept: Callable[[str, str], object],
) -> Downloaded:
    with httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(cafile=_certificates()),
        network_backend=_Bounded(deadline, check),
        max_connections=1,
    ) as pool:
        for _ in range(redirects + 1):
            request = _request(url, headers)
            with pool.stream(
                "GET", request.url, headers=request.headers, extensions=_timeouts(deadline)
            ) as response:
                found = _headers(response.headers)
                if response.status in _MOVED and "location" in found:
                    url = url.join(found["location"][:_LONGEST_URL])
                    continue
                if not 200 <= response.status < 300:
                    raise UnreadableSource(f"its server answered {response.status}")
                content_type = found.get("content-type", "")
                accept(content_type, str(url))
                return Downloaded(_body(response, found, limit, deadline), content_type, str(url))
    raise Redirected(f"it redirects more than {redirects} times")


def _request(url: httpx.URL, headers: Mapping[str, str]) -> httpcore.Request:
    if url.scheme not in ("http", "https"):
        raise ForbiddenSource(f"{url.scheme or 'such'} addresses are not fetched")
    if url.userinfo:
        raise ForbiddenSource("an address with a password in it is not fetched")
    sent: list[tuple[bytes | str, bytes | str]] = [
        *{
            "Host": url.netloc.decode(),
            "User-Agent": "phi3-expert",
            "Accept": "text/html, text/markdown, */*",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
            **headers,
        }.items()
    ]
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return httpcore.Request("GET", target, headers=sent)


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by their small name; of those sent twice all, behind each other."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _body(
    response: httpcore.Response, headers: Mapping[str, str], limit: int, deadline: "_Deadline"
) -> bytes:
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > limit):
        raise too_large(limit)
    content = bytearray()
    for piece in _unpacked(response.iter_stream(), headers.get("content-encoding", ""), limit):
        content += piece
        if len(content) > limit:
            raise too_large(limit)
        deadline.check()
    return bytes(content)


def _unpacked(pieces: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """``pieces`` as they were before the server packed them; never much more than it sent."""
    wanted = [name for part in encoding.lower().split(",") if (name := part.strip())]
    wanted = [name for name in wanted if name != "identity"]
    if not wanted:
        yield from pieces
        return
    if len(wanted) > 1 or wanted[0] not in _ZLIB:
        raise UnreadableSource("its server packs it in a way that is not read")
    try:
        yield from _inflated(pieces, _ZLIB[wanted[0]], limit)
    except zlib.error as e:
        raise UnreadableSource("its server packed it wrongly") from e


def _inflated(pieces: Iterable[bytes], bits: int, limit: int) -> Iterator[bytes]:
    unpacker: Any = None
    is_begun = False
    received = 0
    for packed in pieces:
        received += len(packed)
        if received > limit:
            raise too_large(limit)
        left = packed
        while left:
            if unpacker is None:
                unpacker = zlib.decompressobj(bits)
            try:
                yield unpacker.decompress(left, _PIECE)
            except zlib.error:
                # Some servers send deflate without the wrapping that the standard asks for.
                if bits != _ZLIB["deflate"] or is_begun:
                    raise
                bits, unpacker = _RAW_DEFLATE, zlib.decompressobj(_RAW_DEFLATE)
                yield unpacker.decompress(left, _PIECE)
            is_begun = True
            left = unpacker.unconsumed_tail
            if unpacker.eof:
                # gzip allows several files behind each other; anything else there is padding.
                left = unpacker.unused_data if unpacker.unused_data.startswith(b"\x1f\x8b") else b""
                unpacker = None
    if unpacker is not None:
        raise UnreadableSource("its server broke off in the middle")


class _Deadline:
    """When a download must be done."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """The seconds that are left, at least a tiny bit; UnreadableSource where none are."""
        self.check()
        left = max(self._until - monotonic(), 0.001)
        return left if most is None else min(left, most)

    def check(self) -> None:
        if monotonic() > self._until:
            raise UnreadableSource(self.reason())

    def reason(self) -> str:
        return f"it took longer than {self._seconds:g} seconds"


def _timeouts(deadline: _Deadline) -> dict[str, Any]:
    left = deadline.left()
    return {"timeout": {"connect": left, "read": left, "write": left, "pool": left}}


class _Bounded(httpcore.NetworkBackend):
    """Connects to checked addresses only, each step in what is left of the time.

    A name is looked up once for a connection, and the connection goes to what was checked.
    """

    def __init__(self, deadline: _Deadline, check: Check | None) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._check = check

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolved(host, port, self._deadline)
        if self._check:
            self._check(host, addresses)
        for last, address in enumerate(addresses, 1 - len(addresses)):
            try:
                stream = self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=self._deadline.left(_CONNECT_SECONDS),
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not last:
                    raise
            else:
                return _BoundedStream(stream, self._deadline)
        raise httpcore.ConnectError("no address")


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _BoundedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _resolved(host: str, port: int, deadline: _Deadline) -> list[Address]:
    """The addresses of ``host``; the look-up itself cannot be stopped, only left alone."""
    answers: SimpleQueue[list[Address] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            names = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
            answers.put([ip_address(name) for name in names])
        except (OSError, ValueError, OverflowError) as e:
            answers.put(e)

    Thread(target=look_up, name="look up", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty:
        raise UnreadableSource(deadline.reason()) from None
    if isinstance(answer, Exception):
        raise UnreadableSource("there is no such host", host) from answer
    return answer


def _certificates() -> str:
    import certifi

    return certifi.where()


def _reason(error: Exception) -> tuple[str, str]:
    """What a person is told, and what the log says besides."""
    detail = (" ".join(str(error).split()) or type(error).__name__)[:200]
    match error:
        case httpcore.TimeoutException():
            return "its server took too long", detail
        case httpx.InvalidURL() | httpcore.UnsupportedProtocol():
            return "its address cannot be read", detail
        case httpcore.ConnectError():
            return "its server cannot be reached", detail
    return "its server broke off, or did not answer as web servers do", detail
