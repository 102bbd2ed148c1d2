import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import openai
import pytest

from domain.errors import ConfigError, RetrievalError
from knowledge.embedders import VENDOR_ERRORS, OpenAIEmbedder, SentenceTransformersEmbedder


def test_unknown_model_is_an_error_of_one_line() -> None:
    with pytest.raises(ConfigError, match="PHI3_EMBEDDER") as error:
        SentenceTransformersEmbedder("nobody/has-this-model")
    assert "\n" not in str(error.value)


def test_folder_without_a_model_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PHI3_EMBEDDER"):
        SentenceTransformersEmbedder(str(tmp_path))


@pytest.mark.slow
def test_loading_and_embedding_print_nothing() -> None:
    script = (
        "from knowledge.embedders import SentenceTransformersEmbedder as E; e = E();"
        "print(e.model, e.dimension, len(e.embed_question('x')))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["sentence-transformers/all-MiniLM-L6-v2", "384", "384"]
    assert done.stderr == ""


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
