"""A real S3 server (moto's), and what it says if it is full or refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

BUCKET = "team"

_SOMEBODY = (
    "AWS4-HMAC-SHA256 Credential=somebody/20261128/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
"""The server compares no signatures, but lets nobody without a name write."""

FULL = (
    507,
    b"<Error><Code>InsufficientStorage</Code><Message>The bucket is full.</Message></Error>",
)
REFUSED = (403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")


@contextmanager
def s3_server() -> Iterator[str]:
    """Its address, while AWS's variables name it; it has one empty bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        address = f"http://{host}:{port}"
        assert send(address, "PUT", f"/{BUCKET}")[0] == 200
        yield address
    finally:
        server.stop()


@pytest.fixture(scope="session")
def one_s3_server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def s3(one_s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server's address, which AWS's variables name too; its bucket is empty."""
    name_server(monkeypatch, one_s3_server)
    for key in keys(one_s3_server):
        assert send(one_s3_server, "DELETE", f"/{BUCKET}/{key}")[0] == 204
    return one_s3_server


def name_server(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Lets AWS's variables name a server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def keys(address: str) -> list[str]:
    """The keys of all objects in the bucket."""
    from xml.etree import ElementTree

    _, text = send(address, "GET", f"/{BUCKET}?list-type=2")
    found = ElementTree.fromstring(text).iter()
    return [one.text or "" for one in found if one.tag.rpartition("}")[2] == "Key"]


def send(address: str, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    connection = HTTPConnection(address.removeprefix("http://"))
    connection.request(method, path, body, {"authorization": _SOMEBODY})
    reply = connection.getresponse()
    read = reply.status, reply.read()
    connection.close()
    return read
