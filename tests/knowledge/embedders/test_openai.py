import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import openai
import pytest

from domain.errors import RetrievalError
from knowledge.embedders.openai import VENDOR_ERRORS, OpenAIEmbedder


class Broken(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = b'{"object": "list", "data": [], "model": "m"}'
        self.send_response(401 if self.path.startswith("/locked") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def broken() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/v1", "/locked/v1"])
def test_server_that_sends_no_vectors_is_an_error(broken: str, path: str) -> None:
    with pytest.raises(RetrievalError, match="embeddings server"):
        OpenAIEmbedder(broken + path, "m", "key")


@pytest.mark.slow
def test_server_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(RetrievalError, match=r"127\.0\.0\.1:1"):
        OpenAIEmbedder("http://127.0.0.1:1/v1", "m")


@pytest.mark.slow
def test_every_exception_of_openai_is_translated() -> None:
    theirs = [
        item
        for item in dict(vars(openai)).values()
        if isinstance(item, type) and issubclass(item, Exception) and "Warning" not in item.__name__
    ]
    assert len(theirs) > 10
    leaks = {item.__name__ for item in theirs if not issubclass(item, VENDOR_ERRORS)}
    assert leaks <= {"InvalidWebhookSignatureError"}  # for webhooks, which are not used here
