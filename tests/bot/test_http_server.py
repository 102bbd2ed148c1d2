"""The limits of the HTTP server, with small numbers."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from waitress import wasyncore  # type: ignore[import-untyped]

from bot.slack.http_server import BoundedServer, listening
from tests.bot.sender import Sender


@contextmanager
def served(connections: int = 400, request_seconds: float = 10) -> Iterator[int]:
    """The port of a server that answers only /health until it ends."""
    ending, sockets = Event(), dict[int, object]()

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/health":
            ending.wait(20)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    with listening("localhost", 0) as listener:
        server = BoundedServer(
            application,
            listener,
            sockets,
            connections=connections,
            request_seconds=request_seconds,
        )

        def loop() -> None:
            while not ending.is_set():
                wasyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)

        thread = Thread(target=loop)
        thread.start()
        try:
            yield server.port
        finally:
            ending.set()
            thread.join()
            server.end()
            wasyncore.close_all(sockets)


def is_healthy(port: int) -> bool:
    return Sender(port, "").request("GET", "/health").body == "ok"


def test_half_open_connection_is_closed_for_a_new_one() -> None:
    with served(connections=3) as port:
        clients = [socket.create_connection(("localhost", port), timeout=60) for _ in range(3)]
        assert is_healthy(port)
        assert clients[0].recv(1) == b""  # the oldest
        for client in clients:
            client.close()


def test_connections_that_come_together_are_accepted_in_one_turn() -> None:
    sockets = dict[int, object]()
    with listening("localhost", 0) as listener:
        server = BoundedServer(lambda *_: [], listener, sockets, connections=5)
        clients = [socket.create_connection(("localhost", server.port)) for _ in range(7)]
        wasyncore.loop(timeout=10, use_poll=True, map=sockets, count=1)
        first = {channel.addr[1] for channel in server.active_channels.values()}
        server.end()
        wasyncore.close_all(sockets)
    assert first == {client.getsockname()[1] for client in clients[2:]}
    for client in clients:
        client.close()


@pytest.mark.slow
def test_request_that_comes_byte_by_byte_is_closed() -> None:
    with served(request_seconds=0.5) as port:
        with socket.create_connection(("localhost", port), timeout=0.1) as client:
            sent = 0
            while not _is_over(client) and sent < 300:
                client.sendall(b"x")
                sent += 1
        assert 0 < sent < 300
        assert is_healthy(port)


def test_health_does_not_wait_for_the_threads_that_do_the_work() -> None:
    with served() as port:
        clients = [socket.create_connection(("localhost", port)) for _ in range(40)]
        for client in clients:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert is_healthy(port)
        with socket.create_connection(("localhost", port), timeout=60) as client:
            client.sendall(b"no HTTP\r\n\r\n")
            assert b" 400 " in client.recv(100)
        for client in clients:
            client.close()


def _is_over(client: socket.socket) -> bool:
    """Whether the server closes the connection within a short time."""
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True
