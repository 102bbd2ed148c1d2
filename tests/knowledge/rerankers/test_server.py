import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any

import pytest

from domain.errors import ConfigError, RetrievalError
from domain.tokens import estimate
from knowledge.rerankers.choosing import chosen_reranker
from knowledge.rerankers.server import ServerReranker

TEXTS = ["a frame", "a warranty of ten years", "pay"]
SCORES = [2.0, 4.0, 1.0]
Asked = dict[str, Any]


def rerank(asked: Asked) -> Asked:
    """As vLLM and others answer: best first."""
    rows = [
        {"index": n, "relevance_score": 1.0 * text.count("a"), "document": {"text": text}}
        for n, text in enumerate(asked["documents"])
    ]
    rows.sort(key=lambda row: -row["relevance_score"])
    return {"id": "rerank-1", "model": "m", "results": rows}


def score(asked: Asked) -> Asked:
    rows = [
        {"index": n, "object": "score", "score": 1.0 * text.count("a")}
        for n, text in enumerate(asked["text_2"])
    ]
    return {"object": "list", "data": rows}


@dataclass
class Server:
    """What it was asked, and how it answers at each path."""

    url: str = ""
    ways: dict[str, Callable[[Asked], Any]] = field(default_factory=dict)
    asked: list[tuple[str, Asked]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    status: int = 200
    reads: int = 1_000_000
    waits: float = 0.0

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(body)
            state.asked.append((self.path, asked))
            state.keys.add(self.headers["Authorization"])
            sleep(state.waits)
            way = state.ways.get(self.path)
            if way is None:
                return self.answer(404, {"error": {"message": "No such model."}})
            if len(body) > state.reads:
                return self.answer(400, {"error": {"message": "too many tokens"}})
            return self.answer(state.status, way(asked))

        def answer(self, status: int, answer: Any) -> None:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{running.server_address[1]}/v1"
        yield state
        running.shutdown()
        thread.join()


def test_scores_come_in_the_order_of_the_texts(server: Server) -> None:
    server.ways["/v1/rerank"] = rerank
    reranker = ServerReranker(server.url, "m", "s3cret")
    assert reranker.scores("warranty?", TEXTS) == SCORES
    assert server.asked == [
        ("/v1/rerank", {"model": "m", "query": "warranty?", "documents": TEXTS})
    ]
    assert server.keys == {"Bearer s3cret"}


def test_server_with_only_score_is_asked_so_from_then_on(server: Server) -> None:
    server.ways["/score"] = score
    reranker = ServerReranker(server.url.removesuffix("/v1"))
    assert reranker.scores("warranty?", TEXTS) == SCORES
    assert reranker.scores("warranty?", TEXTS) == SCORES
    assert server.paths == ["/v1/rerank", "/score", "/score"]
    assert server.asked[-1][1] == {"text_1": "warranty?", "text_2": TEXTS}


def test_server_that_is_replaced_by_one_of_the_other_kind_is_still_asked(server: Server) -> None:
    server.ways["/score"] = score
    reranker = ServerReranker(server.url)
    reranker.scores("warranty?", TEXTS)
    server.ways = {"/v1/rerank": rerank}
    assert reranker.scores("warranty?", TEXTS) == SCORES


def test_server_that_offers_neither_is_an_error_of_one_line(server: Server) -> None:
    with pytest.raises(RetrievalError, match="check PHI3_RERANKER_URL, and whether") as error:
        ServerReranker(server.url, "m").scores("warranty?", TEXTS)
    assert "No such model." in str(error.value)
    assert "\n" not in str(error.value)


def test_server_without_room_is_not_waited_for(server: Server) -> None:
    server.ways["/v1/rerank"], server.status = rerank, 429
    with pytest.raises(RetrievalError, match="no room for more requests"):
        ServerReranker(server.url).scores("warranty?", TEXTS)
    assert server.paths == ["/v1/rerank"]


@pytest.mark.parametrize("status", [401, 500, 503])
def test_server_that_refuses_is_an_error(server: Server, status: int) -> None:
    server.ways["/v1/rerank"], server.status = rerank, status
    with pytest.raises(RetrievalError, match="refuses"):
        ServerReranker(server.url).scores("warranty?", TEXTS)
    assert server.paths == ["/v1/rerank"]


def test_server_that_is_silent_is_an_error(server: Server) -> None:
    server.ways["/v1/rerank"], server.waits = rerank, 2.0
    with pytest.raises(RetrievalError, match="does not answer"):
        ServerReranker(server.url, timeout=0.05).scores("warranty?", TEXTS)


def test_server_that_is_away_is_an_error_without_its_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://me:s3cret@127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(RetrievalError, match="does not answer") as error:
            ServerReranker(url).scores("warranty?", TEXTS)
    assert "s3cret" not in str(error.value)


def test_what_is_too_long_for_the_model_is_sent_once_more_and_shorter(server: Server) -> None:
    server.ways["/v1/rerank"], server.reads = rerank, 5_000
    question, text = "warranty? " * 2_000, "ten years " * 2_000
    assert len(ServerReranker(server.url).scores(question, [text, "pay"])) == 2
    long, short = (asked for _, asked in server.asked)
    assert (long["query"], long["documents"]) == (question, [text, "pay"])
    assert estimate(short["query"]) + max(map(estimate, short["documents"])) <= 512
    assert text.startswith(short["documents"][0])


ODD: list[Any] = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    None,
    7,
    "results",
    [],
    {},
    {"results": None},
    {"results": "abc"},
    {"results": {"0": 1}},
    {"results": [1, 2, 3]},
    {"results": [None] * 3},
]


def rows(*pairs: tuple[Any, Any]) -> Asked:
    return {"results": [{"index": place, "relevance_score": score} for place, score in pairs]}


ODD_ROWS = {
    "one is missing": rows((0, 1), (1, 1)),
    "one comes twice": rows((0, 1), (1, 1), (1, 1)),
    "one too many": rows((0, 1), (1, 1), (2, 1), (2, 1)),
    "a place that does not exist": rows((0, 1), (1, 1), (3, 1)),
    "a place from the end": rows((0, 1), (1, 1), (-1, 1)),
    "a place that is a text": rows((0, 1), (1, 1), ("2", 1)),
    "a place that is a list": rows((0, 1), ([], 1), (2, 1)),
    "not a number": rows((0, 1), (1, float("nan")), (2, 1)),
    "infinite": rows((0, 1), (1, float("inf")), (2, 1)),
    "too large": rows((0, 1), (1, 10**400), (2, 1)),
    "too many digits": (json.dumps(rows((0, 1), (1, 1))) + "0" * 5_000).encode(),
    "no score": rows((0, 1), (1, None), (2, 1)),
    "a score that is a text": rows((0, 1), (1, "0.5"), (2, 1)),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer", [*ODD, *ODD_ROWS.values()], ids=[*map(repr, map(str, range(len(ODD)))), *ODD_ROWS]
)
def test_odd_answer_is_an_error_of_one_line(server: Server, answer: Any) -> None:
    server.ways["/v1/rerank"] = lambda _: answer
    with pytest.raises(RetrievalError, match="one score for each of 3 texts") as error:
        ServerReranker(server.url).scores("warranty?", TEXTS)
    assert "\n" not in str(error.value)


def test_wrong_address_is_an_error_that_names_the_setting() -> None:
    with pytest.raises(ConfigError, match="PHI3_RERANKER_URL"):
        ServerReranker("http://host:port/v1")


def test_a_server_is_chosen_before_a_model_of_this_machine(server: Server) -> None:
    server.ways["/v1/rerank"] = rerank
    assert chosen_reranker("m", server.url).scores("warranty?", TEXTS) == SCORES
