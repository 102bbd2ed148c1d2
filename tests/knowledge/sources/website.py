"""A real web server on loopback, whose pages a test writes down."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def page(text: str, **headers: str) -> Reply:
    """A page; the names of its headers are written with ``_`` instead of ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(text.encode(), headers={"Content-Type": "text/html"} | named)


def redirect(target: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": target})


Answer = Reply | Callable[[Mapping[str, str]], Reply]
"""A reply, or what makes one of the headers of a request."""


class Website:
    """``pages`` by their paths with queries. ``asked`` has the paths of all requests, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, Answer] = {}
        self.otherwise: Callable[[str], Reply] = lambda _path: Reply(status=404)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        self.asked.append(path)
        self.headers.append(headers)
        answer = self.pages.get(path)
        if answer is None:
            return self.otherwise(path)
        return answer if isinstance(answer, Reply) else answer(headers)


def with_etag(reply: Reply, etag: str) -> Callable[[Mapping[str, str]], Reply]:
    """Answers 304 to those who have the page of this ETag."""

    def answer(headers: Mapping[str, str]) -> Reply:
        if headers.get("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(reply.body, reply.status, {**reply.headers, "ETag": etag})

    return answer


class _Server(ThreadingHTTPServer):
    website: Website

    def handle_error(self, request: object, client_address: object) -> None: ...


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        reply = self.server.website.reply(self.path, dict(self.headers))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving() -> Iterator[Website]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.website = Website(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.website
        finally:
            server.shutdown()
            thread.join()
