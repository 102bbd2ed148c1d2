"""A way to a server over TCP that can be cut: so a database is lost, and comes back."""

from contextlib import suppress
from socket import SHUT_RDWR, create_connection, create_server, socket
from threading import Lock, Thread


class Relay:
    """Passes on what comes to its ``port`` to a server, and back, until `close`."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._lock = Lock()
        self._open: set[socket] = set()
        self._is_cut = False
        self._server = create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Ends all connections, and each new one at once."""
        with self._lock:
            self._is_cut = True
            ended, self._open = self._open, set()
        for one in ended:
            _end(one)

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        self.cut()
        _end(self._server)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket) -> None:
        with client, suppress(OSError), create_connection(self._to) as server:
            with self._lock:
                if self._is_cut:
                    return
                self._open |= {client, server}
            back = Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join()
            with self._lock:
                self._open -= {client, server}


def _pass_on(source: socket, target: socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _end(target)


def _end(one: socket) -> None:
    with suppress(OSError):
        one.shutdown(SHUT_RDWR)
    one.close()
