"""A TCP proxy that can stop (it acknowledges packets but delivers none), or cut connections."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from records.database import parse


class StallingProxy:
    """Forwards connections from its own port to ``target`` while ``flows`` is set."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.flows = Event()
        self.flows.set()
        self._target = target
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._open += client, server
                for pair in ((client, server), (server, client)):
                    Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.flows.is_set():
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Ends all connections; new ones are taken."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._open):
            each.close()


@contextmanager
def stalling(url: str) -> Iterator[tuple[StallingProxy, str]]:
    """A proxy for the PostgreSQL server at ``url``, and the URL of the proxy."""
    parsed = parse(url)
    proxy = StallingProxy((parsed.host or "127.0.0.1", parsed.port or 5432))
    try:
        through = parsed.set(host="127.0.0.1", port=proxy.port)
        yield proxy, through.render_as_string(hide_password=False)
    finally:
        proxy.close()
