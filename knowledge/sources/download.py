"""One GET over HTTP(S) with limits of time and size that no server can exceed.

The time counts from the look-up of the name to the last byte, with redirects. The body is
decompressed piece by piece, so that a small compressed body cannot fill the memory.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import certifi
import httpcore
import httpx

from domain.errors import ForbiddenSource, GoneSource, UnreadableSource
from knowledge.sources.network import BoundedNetwork, Check, Deadline, ServerFailed
from knowledge.sources.unpacking import too_large, unpacked

VENDOR_ERRORS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    httpx.InvalidURL,
)

_REDIRECTS = 5
_GONE = (404, 410)
_MOVED = (301, 302, 303, 307, 308)
_LONGEST_URL = 8_000
_LONGEST_DATE = 64
_NO_CONDITIONS: Mapping[str, Mapping[str, str]] = {}


_LOGIN = (401, 403)
_BUSY = (429, 503)
_PERMANENT = (301, 308)


class Redirected(UnreadableSource):
    """There were more redirects than are allowed."""


class LoginNeeded(UnreadableSource):
    """The server answers only those who have logged in."""


class ServerIsBusy(ServerFailed):
    """The server asks to come later: in ``seconds``, if it says when."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a server answered; ``url`` is the address after all redirects.

    ``moved_to`` is the address after the permanent redirects that came first. ``headers`` has the
    last answer's, by their names in lower case. If ``is_unchanged``, there is no content: the
    server says that what the request named in its headers is still right.
    """

    content: bytes
    content_type: str
    url: str
    moved_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_unchanged: bool = False


def download(
    url: str,
    *,
    limit: int,
    seconds: float,
    check: Check | None = None,
    headers: Mapping[str, str] | None = None,
    redirects: int = _REDIRECTS,
    accept: Callable[[str, str], object] = lambda _content_type, _url: None,
    conditions: Mapping[str, Mapping[str, str]] = _NO_CONDITIONS,
) -> Downloaded:
    """Downloads ``url``: at most ``limit`` bytes, compressed and decompressed.

    ``conditions`` has the headers, such as If-None-Match, that are sent to one address only.
    ``check`` is called with the addresses of each host before connecting. ``accept`` is called with
    the content type and the URL before the body is read, and raises IngestError to refuse it.
    Raises ForbiddenSource and UnreadableSource.
    """
    deadline = Deadline(seconds)
    try:
        return _followed(
            httpx.URL(url), deadline, limit, check, headers or {}, redirects, accept, conditions
        )
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol) as e:
        raise UnreadableSource(*_reason(e)) from e
    except VENDOR_ERRORS as e:
        raise ServerFailed(*_reason(e)) from e


def _followed(
    url: httpx.URL,
    deadline: Deadline,
    limit: int,
    check: Check | None,
    headers: Mapping[str, str],
    redirects: int,
    accept: Callable[[str, str], object],
    conditions: Mapping[str, Mapping[str, str]],
) -> Downloaded:
    moved_to, is_moved = url, True
    with httpcore.ConnectionPool(
        ssl_context=_trusting(),
        network_backend=BoundedNetwork(deadline, check),
        max_connections=1,
    ) as pool:
        for _ in range(redirects + 1):
            asked = conditions.get(str(url), {})
            request = _request(url, {**headers, **asked})
            with pool.stream(
                "GET", request.url, headers=request.headers, extensions=_timeouts(deadline)
            ) as response:
                found = _headers(response.headers)
                if response.status in _MOVED and "location" in found:
                    url = url.join(found["location"][:_LONGEST_URL])
                    is_moved = is_moved and response.status in _PERMANENT
                    moved_to = url if is_moved else moved_to
                    continue
                is_unchanged = response.status == 304 and bool(asked)
                if not is_unchanged:
                    _refuse_failure(response.status, found)
                content_type = found.get("content-type", "")
                content = b""
                if not is_unchanged:
                    accept(content_type, str(url))
                    content = _body(response, found, limit, deadline)
                return Downloaded(
                    content, content_type, str(url), str(moved_to), found, is_unchanged
                )
    raise Redirected(f"it redirects more than {redirects} times")


@lru_cache(1)
def _trusting() -> ssl.SSLContext:
    """Making one takes about 10 ms: it reads all certificates."""
    return ssl.create_default_context(cafile=certifi.where())


def _refuse_failure(status: int, headers: Mapping[str, str]) -> None:
    if status in _GONE:
        raise GoneSource("its server says that it does not exist", str(status))
    if status in _LOGIN:
        raise LoginNeeded(f"its server asks for a login ({status})")
    if status in _BUSY:
        raise ServerIsBusy(
            f"its server is busy ({status})", _seconds_until(headers.get("retry-after", ""))
        )
    if status >= 500:
        raise ServerFailed(f"its server answered {status}")
    if not 200 <= status < 300:
        raise UnreadableSource(f"its server answered {status}")


def _seconds_until(said: str) -> float | None:
    """The seconds that Retry-After asks to wait: a number, or a date."""
    if said.isdecimal() and len(said) < 10:
        return float(said)
    at = http_date(said)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0) if at else None


def http_date(said: str) -> datetime | None:
    """The UTC time of a header such as Last-Modified; None for what is no time."""
    try:
        at = parsedate_to_datetime(said) if len(said) <= _LONGEST_DATE else None
        return at.astimezone(UTC) if at and at.tzinfo else at and at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _request(url: httpx.URL, headers: Mapping[str, str]) -> httpcore.Request:
    if url.scheme not in ("http", "https"):
        raise ForbiddenSource(f"{url.scheme or 'such'} addresses are not read")
    if url.userinfo:
        raise ForbiddenSource("an address with a password in it is not read")
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
    """The headers by their name in lower case; the values of a repeated one are joined."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _body(
    response: httpcore.Response, headers: Mapping[str, str], limit: int, deadline: Deadline
) -> bytes:
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > limit):
        raise too_large(limit)
    content = bytearray()
    for piece in unpacked(response.iter_stream(), headers.get("content-encoding", ""), limit):
        content += piece
        if len(content) > limit:
            raise too_large(limit)
        deadline.check()
    return bytes(content)


def _timeouts(deadline: Deadline) -> dict[str, Any]:
    remaining = deadline.remaining()
    return {
        "timeout": {"connect": remaining, "read": remaining, "write": remaining, "pool": remaining}
    }


def _reason(error: Exception) -> tuple[str, str]:
    """The reason for people, and the detail for the log."""
    detail = (" ".join(str(error).split()) or type(error).__name__)[:200]
    match error:
        case httpcore.TimeoutException():
            return "its server took too long", detail
        case httpx.InvalidURL() | httpcore.UnsupportedProtocol():
            return "its address cannot be read", detail
        case httpcore.ConnectError():
            return "its server cannot be reached", detail
    return "its server ended the connection, or is not a web server", detail
