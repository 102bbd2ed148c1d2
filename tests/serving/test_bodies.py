"""Request bodies: limited before they are read, and refused with the right message."""

import gzip
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serving.asking import chat, post
from tests.serving.conftest import TINY, Running, running

CHAT = "/v1/chat/completions"
MEBIBYTE = 1024 * 1024
PLAIN = {"model": TINY, "messages": [{"role": "user", "content": "x"}], "max_tokens": 1}


def send(server: Running, body: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
    sent = {"content-type": "application/json"} | headers
    return httpx.post(f"{server.url}{CHAT}", content=body, headers=sent, timeout=30)


def problem(reply: httpx.Response) -> str:
    """The message of an error, which has OpenAI's shape."""
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert len(error["message"]) < 2000
    return str(error["message"])


def address(server: Running) -> tuple[str, int]:
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


def talk(server: Running, sent: bytes, timeout: float = 10) -> bytes:
    with socket.create_connection(address(server), timeout=timeout) as client:
        client.sendall(sent)
        return client.recv(10_000)


def test_body_that_is_too_large_is_refused_before_it_is_read(server: Running) -> None:
    head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for length in (10**10, 10**30):
        reply = talk(server, f"{head}Content-Length: {length}\r\n\r\n".encode())
        assert reply.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))
    assert problem(send(server, b"x" * (2 * MEBIBYTE))).startswith("The body is too large")


def test_chunks_are_counted_while_they_are_read(server: Running) -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += MEBIBYTE
            yield b"x" * MEBIBYTE

    with suppress(httpx.TransportError):  # the server closes the connection while more is sent
        assert send(server, chunks()).status_code == 413
    assert taken < 200 * MEBIBYTE
    assert chat(server.url).status_code == 200


@pytest.mark.slow
def test_body_that_comes_byte_by_byte_is_refused(tiny: Path) -> None:
    with running(tiny, body_seconds=1.5) as server:
        head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        reply = talk(server, f"{head}Content-Length: 100\r\n\r\n{{".encode())
        assert reply.startswith(b"HTTP/1.1 408")
        assert chat(server.url).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[1, 2]", "object"),
        (b"7", "object"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 500_000, "JSON"),
        (b'{"a":' * 100_000, "JSON"),
        (b'{"model": "' + b"m" * 500_000 + b'", "messages": []}', "model"),
        (b'{"' + b"k" * 500_000 + b'": 1}', "kkk"),
    ],
)
def test_body_that_is_not_a_request_is_refused(server: Running, body: bytes, words: str) -> None:
    reply = send(server, body)
    assert reply.status_code == 400
    assert words in problem(reply)


@pytest.mark.parametrize("turns", [1001, 30_000])
def test_conversation_of_too_many_turns_is_refused(server: Running, turns: int) -> None:
    reply = chat(server.url, messages=[{"role": "user", "content": ""}] * turns)
    assert reply.status_code == 400
    assert "at most 1000" in problem(reply)


def test_many_problems_are_not_all_listed(server: Running) -> None:
    reply = chat(server.url, messages=[{"role": "wizard", "content": 7}] * 500)
    assert "more problems" in problem(reply)


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "tiny-phi3", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"model": "\\ud800", "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "tiny-phi3", "messages": [{"role": "user", "content": "\xed\xa0\x80"}]}',
        b'{"model": "a\\u0000b", "messages": [{"role": "user", "content": "x"}]}',
    ],
)
def test_text_that_is_not_unicode_is_a_client_error(server: Running, body: bytes) -> None:
    reply = send(server, body)
    assert reply.status_code in (400, 404)
    assert problem(reply)


@pytest.mark.parametrize("path", ["/a\0b", "~nobody-here/x", "/" + "a" * 5000, "/x" * 1500, " "])
def test_impossible_path_is_a_client_error(server: Running, path: str) -> None:
    reply = post(server.url, "load_lora_adapter", {"lora_name": "green", "lora_path": path})
    assert reply.status_code == 400
    assert problem(reply)


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded"])
def test_other_content_than_json_is_an_error(server: Running, kind: str) -> None:
    reply = send(server, b"{}", **{"content-type": kind})
    assert reply.status_code == 415
    assert "application/json" in problem(reply)


def test_unknown_paths_and_methods_are_errors(server: Running) -> None:
    unknown = httpx.get(f"{server.url}/v1/nothing")
    assert (unknown.status_code, problem(unknown)) == (404, "There is no GET /v1/nothing.")
    assert unknown.json()["error"]["code"] is None
    nameless = httpx.get(f"{server.url}/v1/models/")
    assert problem(nameless) == "There is no GET /v1/models/."
    wrong = httpx.get(f"{server.url}{CHAT}")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert problem(wrong) == f"There is no GET {CHAT}; use POST."


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" % CHAT.encode(),
    ],
)
def test_what_is_no_http_gets_an_error_in_the_same_shape(server: Running, sent: bytes) -> None:
    head, _, body = talk(server, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error"]["message"].startswith("The request is no valid HTTP")


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: ",
        b"GET /",
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n1;x=" % CHAT.encode(),
    ],
)
def test_a_head_without_end_is_read_no_further(server: Running, begun: bytes) -> None:
    sent = 0
    with socket.create_connection(address(server), timeout=10) as client:
        with suppress(ConnectionError):
            client.sendall(begun)
            for _ in range(16):
                client.sendall(b"a" * MEBIBYTE)
                sent += 1
        with suppress(ConnectionError):
            assert client.recv(10_000).startswith(b"HTTP/1.1 400")
    assert sent < 16
    assert chat(server.url).status_code == 200


def test_a_client_that_offers_another_protocol_is_answered_in_http_1(server: Running) -> None:
    """As Java's client does by default."""
    for protocol in ("h2c", "websocket"):
        headers = {"connection": "Upgrade", "upgrade": protocol}
        assert send(server, json.dumps(PLAIN).encode(), **headers).status_code == 200


def test_a_compressed_body_is_told_to_be_one(server: Running) -> None:
    packed = gzip.compress(json.dumps(PLAIN).encode())
    reply = send(server, packed, **{"content-encoding": "gzip"})
    assert reply.status_code == 415
    assert "compressed" in problem(reply)
    plain = send(server, json.dumps(PLAIN).encode(), **{"content-encoding": "identity"})
    assert plain.status_code == 200


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "utf8"])
def test_utf_8_may_be_written_in_several_ways(server: Running, charset: str) -> None:
    kind = {"content-type": f"application/json; charset={charset}"}
    assert send(server, json.dumps(PLAIN).encode(), **kind).status_code == 200


@pytest.mark.slow
def test_a_client_that_leaves_while_it_sends_is_no_error_of_the_server(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for _ in range(3):
        with socket.create_connection(address(server)) as client:
            client.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
            time.sleep(0.2)  # until its body is waited for
    assert chat(server.url).status_code == 200
    time.sleep(0.2)
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []


@pytest.mark.slow
def test_key_is_asked_for_before_the_body_is_read(tiny: Path) -> None:
    with running(tiny, key="s3cret") as server:
        assert send(server, b"{").status_code == 401
        assert httpx.post(f"{server.url}/tokenize", json={"prompt": "x"}).status_code == 401


@pytest.mark.slow
def test_health_is_answered_while_long_prompts_are_read(server: Running) -> None:
    text = "Each person has thirty days. " * 2000
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(chat, server.url, messages=[{"role": "user", "content": text}])
            for _ in range(16)
        ]
        answered = 0
        while not all(one.done() for one in asked):
            answered += httpx.get(f"{server.url}/health").status_code == 200
        assert {one.result().status_code for one in asked} == {400}
    assert answered > 3


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("model messages stream max_tokens n stop temperature tools".split()),
        anything,
    ),
    st.sampled_from(["v1/chat/completions", "tokenize", "v1/load_lora_adapter"]),
)
def test_no_json_body_causes_a_server_error(
    server: Running, body: dict[str, Any], path: str
) -> None:
    content = json.dumps(body).encode()
    reply = httpx.post(
        f"{server.url}/{path}", content=content, headers={"content-type": "application/json"}
    )
    assert reply.status_code in (400, 404)
    assert problem(reply)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_cause_a_server_error(server: Running, body: bytes) -> None:
    assert send(server, body).status_code == 400


# Counting tokens, as vLLM does


def tokenize(server: Running, **body: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/tokenize", json=body)


def test_tokens_of_a_text_and_of_a_conversation(server: Running) -> None:
    text = tokenize(server, model=TINY, prompt="How many days?").json()
    assert text["count"] == len(text["tokens"]) > 0
    assert text["max_model_len"] == server.engine.context == 2047
    turns = [{"role": "user", "content": "How many days?"}]
    counted = tokenize(server, messages=turns).json()["count"]
    assert counted == chat(server.url, messages=turns).json()["usage"]["prompt_tokens"]
    assert counted > tokenize(server, messages=turns, add_generation_prompt=False).json()["count"]
    assert tokenize(server, prompt="").json()["count"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"prompt": "x", "messages": [{"role": "user", "content": "x"}]}, 400),
        ({"prompt": "x" * 100_000}, 400),
        ({"prompt": "x", "model": "other"}, 404),
    ],
)
def test_what_cannot_be_counted_is_refused(
    server: Running, body: dict[str, Any], status: int
) -> None:
    assert tokenize(server, **body).status_code == status


def test_a_models_card_says_its_context(server: Running) -> None:
    card = httpx.get(f"{server.url}/v1/models/{TINY}").json()
    assert (card["id"], card["max_model_len"]) == (TINY, 2047)
    assert httpx.get(f"{server.url}/v1/models/red").json()["parent"] == TINY
    for unknown in ("none", "a/b", "x" * 5000):
        missing = httpx.get(f"{server.url}/v1/models/{unknown}")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")
