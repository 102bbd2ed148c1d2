import gzip
import inspect
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, unquote

import httpcore
import pytest

from domain.errors import ForbiddenSource, UnreadableSource, UnsupportedSource
from knowledge.readers.base import File
from knowledge.readers.kinds import TEXT
from knowledge.sources.download import VENDOR_ERRORS
from knowledge.sources.fetch import Fetcher, is_public


class Site(BaseHTTPRequestHandler):
    server: ThreadingHTTPServer

    def do_GET(self) -> None:
        port = self.server.server_port
        if self.path == "/page":
            self.answer(PAGE, {"Content-Type": "text/html; charset=utf-8"})
        elif self.path == "/host":
            self.answer(self.headers["Host"].encode(), {"Content-Type": "text/plain"})
        elif self.path == "/guide.md":
            self.answer(b"# Guide", {"Content-Type": "text/plain"})
        elif self.path == "/large":
            self.answer(b"x" * 5_000, {"Content-Type": "text/plain"})
        elif self.path == "/bomb":
            packed = gzip.compress(b"x" * 1_000_000)
            self.answer(packed, {"Content-Type": "text/plain", "Content-Encoding": "gzip"})
        elif self.path == "/bomb-in-a-bomb":
            packed = gzip.compress(gzip.compress(bytes(1_000_000)))
            self.answer(packed, {"Content-Type": "text/plain", "Content-Encoding": "gzip, gzip"})
        elif self.path.startswith("/packed?"):
            encoding = unquote(self.path.removeprefix("/packed?"))
            self.answer(PACKED[encoding], {"Content-Type": TEXT, "Content-Encoding": encoding})
        elif self.path.startswith("/length?"):
            length = unquote(self.path.removeprefix("/length?"))
            self.send_response(200)
            self.send_header("Content-Type", TEXT)
            self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(b"x" * 10)
        elif self.path == "/drip":
            self.drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX: " + b"x" * 1_000)
        elif self.path == "/drip-lines":
            self.drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")
        elif self.path == "/going-on":
            self.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
        elif self.path == "/headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: yyyyyyyyyyyyyyyy\r\n" * 50_000)
        elif self.path == "/image":
            self.answer(b"x", {"Content-Type": "image/png"})
        elif self.path == "/slow":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            for _ in range(10):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        elif self.path.startswith("/to?"):
            self.redirect(self.path.removeprefix("/to?"))
        elif self.path == "/round":
            self.redirect(f"http://127.0.0.1:{port}/round")
        elif self.path == "/hangup":
            self.connection.close()
        else:
            self.send_error(404)

    def answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self, head: bytes, again: bytes = b"") -> None:
        for piece in (*(bytes([each]) for each in head), *[again] * 1_000):
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.02)

    def redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


PAGE = b"<h1>Hi</h1>"
PACKED = {
    "gzip": gzip.compress(b"packed") + gzip.compress(b" twice") + b"\0\0",
    "x-gzip": gzip.compress(b"packed twice"),
    "deflate": zlib.compress(b"packed twice"),
    "Deflate": zlib.compress(b"packed twice")[2:-4],
    "identity": b"packed twice",
    "identity, GZIP": gzip.compress(b"packed twice"),
    "br": b"\x0b\x05\x80packed twice\x03",
    "gzip, deflate": gzip.compress(zlib.compress(b"packed twice")),
    "gzip ": gzip.compress(b"packed twice")[:-9],
}


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with QuietServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(limit=4_000, seconds=10, allowed_private_hosts=["127.0.0.1"])


def test_page_comes_with_what_its_server_says_of_it(site: str, fetcher: Fetcher) -> None:
    page = fetcher.fetch(f"{site}/page")
    address = f"{site}/page"
    assert page == File(PAGE, "page", "utf-8", "text/html; charset=utf-8", address)
    guide = f"{site}/guide.md"
    assert fetcher.fetch(guide) == File(b"# Guide", "guide.md", kind=TEXT, address=guide)


def test_server_is_asked_by_its_own_name(site: str) -> None:
    fetcher = Fetcher(allowed_private_hosts=["localhost"])
    port = site.rsplit(":", 1)[1]
    assert fetcher.fetch(f"http://localhost:{port}/host").content == f"localhost:{port}".encode()


def test_redirect_is_followed(site: str, fetcher: Fetcher) -> None:
    assert fetcher.fetch(f"{site}/to?{site}/page").content == PAGE
    assert fetcher.fetch(f"{site}/to?/page").content == PAGE


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]/",
        "http://localhost/",
        "https://localhost:8443/",
    ],
)
def test_private_address_is_never_connected_to(url: str) -> None:
    with pytest.raises(ForbiddenSource, match="private network"):
        Fetcher().fetch(url)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/a", "file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@e.org/"]
)
def test_only_plain_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises((ForbiddenSource, UnreadableSource)):
        Fetcher().fetch(url)


def test_redirect_into_the_private_network_is_refused(site: str, fetcher: Fetcher) -> None:
    for target in ("http://localhost:1/", "http://10.0.0.1/", "http://169.254.169.254/"):
        with pytest.raises(ForbiddenSource, match="private network"):
            fetcher.fetch(f"{site}/to?{target}")
    with pytest.raises((ForbiddenSource, UnreadableSource)):
        fetcher.fetch(f"{site}/to?file:///etc/passwd")


def test_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("93.184.215.14", "192.168.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(ForbiddenSource, match=r"example\.org"):
        Fetcher().fetch("http://example.org/")


def test_name_that_changes_its_address_gets_the_checked_one(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look-up of the name gives the site; later ones would give another address."""
    port = int(site.rsplit(":", 1)[1])
    answers = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]])
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **kwargs: Any) -> object:
        return next(answers) if host == "rebind.test" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    fetcher = Fetcher(allowed_private_hosts=["rebind.test"])
    assert fetcher.fetch(f"http://rebind.test:{port}/page").content == PAGE


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/nothing", "404"),
        ("/large", "larger than 0.004 MB"),
        ("/bomb", "larger than"),
        ("/round", "redirects more than"),
        ("/hangup", "ended the connection"),
    ],
)
def test_failure_is_an_error_of_one_line(site: str, fetcher: Fetcher, path: str, says: str) -> None:
    with pytest.raises(UnreadableSource, match=says) as failure:
        fetcher.fetch(site + path)
    assert "\n" not in str(failure.value)


def test_other_kinds_of_content_are_refused(site: str, fetcher: Fetcher) -> None:
    with pytest.raises(UnsupportedSource, match="pictures"):
        fetcher.fetch(f"{site}/image")


@pytest.mark.slow
def test_fetch_from_a_slow_server_ends(site: str) -> None:
    fetcher = Fetcher(seconds=0.3, allowed_private_hosts=["127.0.0.1"])
    with pytest.raises(UnreadableSource, match=r"longer than|took too long"):
        fetcher.fetch(f"{site}/slow")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/drip", "/drip-lines", "/going-on"])
def test_fetch_from_a_server_that_sends_little_at_a_time_ends(site: str, path: str) -> None:
    fetcher = Fetcher(seconds=0.5, allowed_private_hosts=["127.0.0.1"])
    began = time.monotonic()
    with pytest.raises(UnreadableSource, match=r"longer than 0.5 seconds|took too long"):
        fetcher.fetch(f"{site}{path}")
    assert time.monotonic() - began < 10  # each sends for 20 seconds


@pytest.mark.slow
def test_redirects_share_the_time_of_one_fetch(site: str) -> None:
    fetcher = Fetcher(seconds=0.5, allowed_private_hosts=["127.0.0.1"])
    with pytest.raises(UnreadableSource, match=r"longer than|took too long"):
        fetcher.fetch(f"{site}/to?/to?/to?/slow")


def test_endless_look_up_of_a_name_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asked.wait(10) and [])
    with pytest.raises(UnreadableSource, match="longer than"):
        Fetcher(seconds=0.2).fetch("http://slow.example/")
    asked.set()


def test_page_packed_twice_is_refused_before_it_grows(site: str, fetcher: Fetcher) -> None:
    tracemalloc.start()
    with pytest.raises(UnreadableSource, match="compresses it in a way"):
        fetcher.fetch(f"{site}/bomb-in-a-bomb")
    with pytest.raises(UnreadableSource, match="larger"):
        fetcher.fetch(f"{site}/bomb")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("encoding", "gzip x-gzip deflate Deflate identity".split())
def test_page_is_unpacked_once(site: str, fetcher: Fetcher, encoding: str) -> None:
    assert fetcher.fetch(f"{site}/packed?{encoding}").content == b"packed twice"


@pytest.mark.parametrize(
    ("encoding", "says"), [("br", "in a way that is not supported"), ("gzip%20", "ended|wrongly")]
)
def test_page_that_cannot_be_unpacked_is_refused(
    site: str, fetcher: Fetcher, encoding: str, says: str
) -> None:
    with pytest.raises(UnreadableSource, match=says):
        fetcher.fetch(f"{site}/packed?{encoding}")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "9" * 30, "9" * 5_000, "5000", "12", "٣"])
def test_length_that_makes_no_sense_is_refused(site: str, fetcher: Fetcher, length: str) -> None:
    with pytest.raises(UnreadableSource):
        fetcher.fetch(f"{site}/length?{quote(length)}")


def test_headers_without_end_are_refused(site: str, fetcher: Fetcher) -> None:
    with pytest.raises(UnreadableSource, match="is not a web server"):
        fetcher.fetch(f"{site}/headers")


@pytest.mark.parametrize("url", ["http://a:99999/", "http://[::1", "http://\udcff/", "http:///x"])
def test_malformed_address_is_refused(url: str) -> None:
    with pytest.raises((UnreadableSource, ForbiddenSource)):
        Fetcher(seconds=2).fetch(url)


def test_closed_port_and_unknown_host_are_errors() -> None:
    fetcher = Fetcher(allowed_private_hosts=["127.0.0.1"])
    with pytest.raises(UnreadableSource, match="cannot be reached"):
        fetcher.fetch("http://127.0.0.1:1/")


def test_slack_file_comes_through_the_bot() -> None:
    fetcher = Fetcher(limit=10, download=lambda file_id: (f"{file_id}.txt", b"x" * len(file_id)))
    assert fetcher.fetch("slack-file:F123") == File(b"xxxx", "F123.txt")
    with pytest.raises(UnreadableSource, match="larger"):
        fetcher.fetch("slack-file:F1234567890")
    with pytest.raises(ForbiddenSource, match="bot"):
        Fetcher().fetch("slack-file:F123")


def test_public_addresses_are_public() -> None:
    assert all(map(is_public, map(ip_address, ("93.184.215.14", "2606:4700::1111"))))


def test_every_exception_of_httpcore_is_translated() -> None:
    theirs = [
        item
        for item in vars(httpcore).values()
        if inspect.isclass(item) and issubclass(item, Exception)
    ]
    assert len(theirs) > 10
    assert [each for each in theirs if not issubclass(each, VENDOR_ERRORS)] == []
