"""A Weaviate server that asks for a key, and one behind TLS."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from domain.documents import Chunk, Embedded
from domain.embeddings import Embedding
from domain.errors import ConfigError, IndexUnavailable
from domain.questions import Audience
from tests.knowledge.doubles import ranked

pytestmark = pytest.mark.weaviate

CHUNK = Chunk("c", "d", "Title", "text", Audience.everyone())


class TlsProxy:
    """Takes TLS connections at its own port, and forwards what they hold to ``target``."""

    def __init__(self, target: tuple[str, int], certificate: Path, key: Path) -> None:
        self._target = target
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.set_alpn_protocols(["h2", "http/1.1"])
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            suppress(OSError),
            self._context.wrap_socket(plain, server_side=True) as client,
            socket.create_connection(self._target) as server,
        ):
            self._open += client, server
            back = Thread(target=self._forward, args=(server, client), daemon=True)
            back.start()
            self._forward(client, server)
            back.join()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Ends the connections; the threads that use them close them."""
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of its own authority for 127.0.0.1, and its key."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("openssl is not installed")
    file, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    where = ["-keyout", str(key), "-out", str(file)]
    subprocess.run([openssl, *made, *names, *where], check=True, capture_output=True)
    return file, key


@pytest.fixture
def behind_tls(
    weaviate_address: tuple[str, int], certificate: tuple[Path, Path]
) -> Iterator[tuple[str, int]]:
    url, grpc_port = weaviate_address
    parts = urlsplit(url)
    http, grpc = (
        TlsProxy((parts.hostname or "", port or 0), *certificate)
        for port in (parts.port, grpc_port)
    )
    yield f"https://127.0.0.1:{http.port}", grpc.port
    http.close()
    grpc.close()


def use(address: tuple[str, int], key: str | None = None) -> int:
    """Writes and reads by http and by gRPC; returns how many passages there are."""
    from knowledge.index.weaviate import WeaviateIndex  # takes seconds

    name = f"Test{uuid4().hex}"
    index = WeaviateIndex(
        *address,
        model="m",
        dimension=2,
        api_key=key,
        collection=name,
        wait=2,
        authorities=os.environ.get("SSL_CERT_FILE", ""),
    )
    try:
        index.replace(Embedded("d", [CHUNK], [Embedding([1.0, 0.0])]))
        return len(ranked(index, "text", [1.0, 0.0], Audience.everyone(), 5))
    finally:
        index.drop()
        index.close()


def test_key_is_used(weaviate_address: tuple[str, int], weaviate_key: str) -> None:
    assert use(weaviate_address, weaviate_key) == 1


def test_wrong_key_is_named(weaviate_address: tuple[str, int], weaviate_key: str) -> None:
    with pytest.raises(IndexUnavailable, match="correct PHI3_WEAVIATE_KEY") as refused:
        use(weaviate_address, f"{weaviate_key}-wrong")
    assert weaviate_key not in str(refused.value)


@pytest.mark.slow
def test_http_and_grpc_are_encrypted_with_a_certificate_of_ones_own_authority(
    behind_tls: tuple[str, int],
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(IndexUnavailable, match="does not answer"):
        use(behind_tls)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert use(behind_tls) == 1


def test_certificates_that_cannot_be_read_are_named(
    behind_tls: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        use(behind_tls)
