"""Connections that end at a deadline, and that only go to addresses that were checked.

Each wait ends at the deadline of the whole fetch, so that a server cannot extend it by sending a
byte now and then. A name is looked up once for each connection, and its address is checked.
"""

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import httpcore

from domain.errors import UnreadableSource

Address = IPv4Address | IPv6Address
Check = Callable[[str, Sequence[Address]], None]
"""Is called with a host and its addresses; raises ForbiddenSource to refuse them."""

_CONNECT_SECONDS = 20.0


class ServerFailed(UnreadableSource):
    """The server did not answer, or failed: its other pages may not be read either."""


class Deadline:
    """The time at which a fetch must be finished."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = monotonic() + seconds

    def remaining(self, most: float | None = None) -> float:
        """The seconds that are left, always more than 0. Raises ServerFailed if none are."""
        self.check()
        remaining = max(self._until - monotonic(), 0.001)
        return remaining if most is None else min(remaining, most)

    def check(self) -> None:
        if monotonic() > self._until:
            raise ServerFailed(self.reason())

    def reason(self) -> str:
        return f"it took longer than {self._seconds:g} seconds"


class BoundedNetwork(httpcore.NetworkBackend):
    """Connects only to checked addresses; each step ends at the deadline."""

    def __init__(self, deadline: Deadline, check: Check | None) -> None:
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
        addresses = addresses_of(host, port, self._deadline)
        if self._check:
            self._check(host, addresses)
        for last, address in enumerate(addresses, 1 - len(addresses)):
            try:
                stream = self._inner.connect_tcp(
                    str(address),
                    port,
                    timeout=self._deadline.remaining(_CONNECT_SECONDS),
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not last:
                    raise
            else:
                return _Stream(stream, self._deadline)
        raise httpcore.ConnectError("no address")


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._deadline.remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.remaining())
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def addresses_of(host: str, port: int, deadline: Deadline) -> list[Address]:
    """The addresses of ``host``. The look-up cannot be stopped; when it is late it is ignored."""
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
        answer = answers.get(timeout=deadline.remaining())
    except Empty:
        raise ServerFailed(deadline.reason()) from None
    if isinstance(answer, Exception):
        raise ServerFailed("there is no such host", host) from answer
    return answer
