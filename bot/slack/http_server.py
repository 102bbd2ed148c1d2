"""The HTTP server: waitress, with limits for slow clients, and threads for quick answers."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import time
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.adjustments import Adjustments  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]
from waitress.task import ThreadedTaskDispatcher  # type: ignore[import-untyped]

from domain.errors import ConfigError

HEALTH = "/health"
LIVE = "/live"
_QUICK = (HEALTH, LIVE)

_THREADS = 64
"""How many requests are handled at the same time: while some wait for the transaction that stores
them together, others are read. With 96 and more, the threads only wait for each other."""

_QUICK_THREADS = 2
_LARGEST_BODY = 1024 * 1024  # Slack's payloads stay below 100 kB
_LARGEST_HEAD = 32 * 1024
_CONNECTIONS = 400  # many systems allow a process 1,024 open files, and the rest needs some
_ACCEPTED_AT_ONCE = 64
_REQUEST_SECONDS = 10  # Slack itself gives up after 3
_IDLE_SECONDS = 60
_LOOP_SECONDS = 1.0

_SETTINGS = "PHI3_SLACK_HTTP_HOST and PHI3_SLACK_HTTP_PORT"


@contextmanager
def serving(
    app: WSGIApplication,
    stop: Event,
    host: str,
    port: int,
    *,
    threads: int = _THREADS,
    settings: str = _SETTINGS,
) -> Iterator[int]:
    """Serves ``app`` during the block; gives the port. Sets ``stop`` at the end, or if it fails.

    Raises ConfigError, which names ``settings``, if the port cannot be used.
    """
    # It would log a warning for each request that waits, which is normal with many requests.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sockets: dict[int, object] = {}
    with listening(host, port, settings) as listener:
        server = BoundedServer(app, listener, sockets, threads=threads)

        def serve() -> None:
            try:
                while not stop.is_set():
                    wasyncore.loop(timeout=_LOOP_SECONDS, use_poll=True, map=sockets, count=1)
            finally:
                stop.set()

        # A separate thread serves the connections, so that nothing else delays them.
        thread = Thread(target=serve, name="http")
        thread.start()
        try:
            yield server.port
        finally:
            stop.set()
            server.pull_trigger()
            thread.join()
            server.end()
            wasyncore.close_all(sockets)


@contextmanager
def listening(host: str, port: int, settings: str = _SETTINGS) -> Iterator[socket.socket]:
    """A socket that listens at the first address of ``host``. Raises ConfigError."""
    try:
        family, *_, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server((address[0], port), family=family, backlog=1024)
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"The address to listen on cannot be used: check {settings}.",
            f"{host}:{port}: {error}",
        ) from error
    with listener:
        yield listener


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that remembers since when it waits for the rest of a request."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unfinished_since: float | None = self.creation_time

    def received(self, data: bytes) -> bool:
        was_read = bool(super().received(data))
        if self.request is None:
            self.unfinished_since = None
        elif self.unfinished_since is None:
            self.unfinished_since = time()
        return was_read


class BoundedServer(TcpWSGIServer):  # type: ignore[misc]
    """Serves ``application`` at ``listener``; its loop uses the map ``sockets``.

    A client has ``request_seconds`` to send a whole request. If there are ``connections``
    connections, the one whose request has been incomplete for longest is closed for a new one, so
    that half-open connections do not block others. Bodies and headers that are too large get 413
    and 431 before they are read. Separate threads give the quick answers: probes
    and such errors.
    """

    channel_class = _Channel

    def __init__(
        self,
        application: WSGIApplication,
        listener: socket.socket,
        sockets: dict[int, object],
        *,
        connections: int = _CONNECTIONS,
        request_seconds: float = _REQUEST_SECONDS,
        threads: int = _THREADS,
    ) -> None:
        self._connections = connections
        self._request_seconds = request_seconds
        self._quick = _threads(_QUICK_THREADS)
        self._has_accepted = False
        super().__init__(
            application,
            sockets,
            True,
            listener,
            dispatcher=_threads(threads),
            adj=Adjustments(
                sockets=[listener],
                ident=None,
                max_request_body_size=_LARGEST_BODY,
                max_request_header_size=_LARGEST_HEAD,
                channel_timeout=_IDLE_SECONDS,
                cleanup_interval=1,
                connection_limit=2 * connections,
            ),
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )
        self.port = int(self.effective_port)

    def add_task(self, task: _Channel) -> None:
        request = task.requests[0]
        is_quick = request.error or request.path in _QUICK
        (self._quick if is_quick else self.task_dispatcher).add_task(task)

    def handle_accept(self) -> None:
        """Accepts all connections that wait: each turn of the loop looks at all that are open."""
        for _ in range(_ACCEPTED_AT_ONCE):
            self._has_accepted = False
            super().handle_accept()
            if not self._has_accepted:
                return

    def accept(self) -> tuple[socket.socket, Any] | None:
        accepted: tuple[socket.socket, Any] | None = super().accept()
        if accepted:
            self._has_accepted = True
            self._make_room()
        return accepted

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in self._waiting():
            since = channel.unfinished_since
            if since is not None and since < now - self._request_seconds:
                channel.will_close = True

    def end(self) -> None:
        """Ends the threads; waits a few seconds for running requests."""
        self._quick.shutdown()
        self.task_dispatcher.shutdown()

    def _make_room(self) -> None:
        if len(self.active_channels) < self._connections:
            return
        if waiting := self._waiting():
            min(waiting, key=_order_of_closing).handle_close()

    def _waiting(self) -> list[_Channel]:
        """The connections that wait for their client."""
        return [channel for channel in self.active_channels.values() if not channel.requests]


def _order_of_closing(channel: _Channel) -> tuple[bool, float]:
    since = channel.unfinished_since
    return since is None, channel.last_activity if since is None else since


def _threads(count: int) -> ThreadedTaskDispatcher:
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(count)
    return dispatcher
