"""A proxy before one or several HTTP servers: each request goes to the next one, and some fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

_OWN = {"content-length", "transfer-encoding", "connection", "date", "server"}


class HttpProxy:
    """``refuses`` has the reply to a PUT, by a part of its path.

    ``cut_after`` is how many bytes of a longer reply come through before the connection breaks;
    ``asked`` are the servers that got the requests, with the paths.
    """

    def __init__(self) -> None:
        self.url = ""
        self.refuses: dict[str, tuple[int, bytes]] = {}
        self.cut_after: int | None = None
        self.asked: list[tuple[str, str]] = []


@contextmanager
def http_proxy(*targets: str) -> Iterator[HttpProxy]:
    """Requests go to ``targets`` in turn; a streamed reply is passed on once it is whole."""
    proxy, turn = HttpProxy(), count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            refused = (proxy.refuses[part] for part in proxy.refuses if part in self.path)
            if self.command == "PUT" and (reply := next(refused, None)):
                self._reply(*reply, {"content-type": "application/xml"})
                return
            target = targets[next(turn) % len(targets)]
            proxy.asked.append((target, self.path))
            connection = HTTPConnection(target.removeprefix("http://"))
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            kept = {k: v for k, v in answer.getheaders() if k.lower() not in _OWN}
            self._reply(answer.status, answer.read(), kept, answer.getheader("content-length"))
            connection.close()

        def _reply(
            self, status: int, body: bytes, headers: dict[str, str], length: str | None = None
        ) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", length or str(len(body)))
            self.end_headers()
            cut = proxy.cut_after
            if cut is not None and len(body) > cut:
                self.wfile.write(body[:cut])
                self.close_connection = True
                return
            self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
