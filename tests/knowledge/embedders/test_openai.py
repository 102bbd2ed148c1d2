import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from operator import mul
from typing import Any

import openai
import pytest
from openai._models import FinalRequestOptions

from domain.errors import ConfigError, RetrievalError
from domain.tokens import estimate
from knowledge.api_client import VENDOR_ERRORS
from knowledge.embedders.openai import _RETRIES_OF_PASSAGES, OpenAIEmbedder
from tests.knowledge.embeddings_server import real_server


@dataclass
class Api:
    """What a server was asked, and how many more times it answers 429."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    busy: int = 0
    shortens: bool = True


@pytest.fixture
def api() -> Iterator[Api]:
    """An API that has no room while it is busy, and gives vectors of three numbers or as asked."""
    seen = Api()

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.asked.append(asked)
            status = 429 if seen.busy else 200
            seen.busy = max(0, seen.busy - 1)
            wide = asked.get("dimensions", 3) if seen.shortens else 3
            rows = [
                {"object": "embedding", "index": n, "embedding": [len(text), *[1.0] * (wide - 1)]}
                for n, text in enumerate(asked["input"])
            ]
            body = json.dumps({"object": "list", "data": rows, "model": asked["model"]}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        seen.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield seen
        server.shutdown()
        thread.join()


@contextmanager
def embedder(api: Api, model: str, dimensions: int | None = None) -> Iterator[OpenAIEmbedder]:
    with closing(OpenAIEmbedder(api.url, model, dimensions=dimensions)) as made:
        api.asked.clear()
        yield made


def test_passages_go_in_requests_that_the_model_accepts(api: Api) -> None:
    texts = [f"text {n}" for n in range(2_100)]
    with embedder(api, "text-embedding-3-small") as made:
        vectors = made.embed_passages(texts)
        assert made.reach.tokens == 8191
    assert [len(asked["input"]) for asked in api.asked] == [2048, 52]
    assert [text for asked in api.asked for text in asked["input"]] == texts
    assert len(vectors) == 2_100


def test_text_that_is_too_long_for_the_model_is_cut(api: Api) -> None:
    with embedder(api, "text-embedding-3-small") as made:
        made.embed_question("word " * 20_000)
    [sent] = api.asked[0]["input"]
    assert 8_000 < estimate(sent) <= 8_191


def test_jina_is_told_which_text_is_a_question(api: Api) -> None:
    with embedder(api, "jina-embeddings-v3") as made:
        made.embed_passages(["a passage"])
        made.embed_question("a question")
    assert [asked["task"] for asked in api.asked] == ["retrieval.passage", "retrieval.query"]


def test_other_servers_are_told_nothing_that_they_might_refuse(api: Api) -> None:
    with embedder(api, "jinaai/jina-embeddings-v3") as made:
        made.embed_passages(["a passage"])
    assert set(api.asked[0]) == {"input", "model", "encoding_format"}


def test_vectors_are_shortened_by_the_server(api: Api) -> None:
    with embedder(api, "text-embedding-3-large", dimensions=2) as made:
        assert (made.model, made.dimension) == ("text-embedding-3-large@2", 2)
        assert [len(one.vector) for one in made.embed_passages(["x", "y"])] == [2, 2]
    assert [asked["dimensions"] for asked in api.asked] == [2]


def test_server_that_shortens_no_vectors_is_an_error(api: Api) -> None:
    api.shortens = False
    with pytest.raises(ConfigError, match="unset PHI3_EMBEDDINGS_DIMENSIONS"):
        OpenAIEmbedder(api.url, "m", dimensions=2)


def test_passages_wait_for_a_server_that_has_no_room(api: Api) -> None:
    with embedder(api, "m") as made:
        api.busy = 14
        assert len(made.embed_passages(["x"])) == 1
    assert len(api.asked) == 15


def test_waits_for_a_server_that_does_not_say_how_long_last_a_minute() -> None:
    client = openai.OpenAI(api_key="none", max_retries=_RETRIES_OF_PASSAGES)
    options = FinalRequestOptions.construct(method="post", url="/embeddings")
    waits = [
        client._calculate_retry_timeout(left, options)
        for left in range(_RETRIES_OF_PASSAGES, 0, -1)
    ]
    client.close()
    assert sum(waits) > 60


def test_question_does_not_wait_for_long(api: Api) -> None:
    with embedder(api, "m") as made:
        api.busy = 100
        with pytest.raises(RetrievalError, match="no room for more requests"):
            made.embed_question("x")
    assert len(api.asked) == 3


@pytest.mark.slow
def test_a_server_that_somebody_else_wrote_finds_a_passage_in_another_language() -> None:
    with real_server() as url:
        made = OpenAIEmbedder(url, "e5-passage", question_model="e5-query")
        try:
            passages = made.embed_passages(
                ["Der Rahmen hat zehn Jahre Garantie.", "Die Suppe wird heiß serviert.", ""]
            )
            question = made.embed_question("How long is the frame warranty?").vector
        finally:
            made.close()
    assert made.dimension == 384
    near, far, empty = (sum(map(mul, question, one.vector)) for one in passages)
    assert near > max(far, empty)


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
