"""The client, with servers that answer wrongly or not at all."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import openai
import pytest

from domain.errors import (
    AdapterNotLoaded,
    GenerationError,
    GenerationTimedOut,
    NoAdapters,
    NotFound,
    ServerBusy,
    ServerUnavailable,
)
from domain.protocols import CUT
from serving.client import ServerClient
from serving.client_errors import translated
from serving.repeating import is_repeating
from tests.serving.asking import SHORT, answer
from tests.serving.conftest import TINY, Running, running

PIECE = 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Thirty"}}]}\n\n'
LAST = 'data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"


@contextmanager
def scripted(*replies: str, hold: bool = False) -> Iterator[str]:
    """A server that sends one reply after another to any request, and then closes the connection.

    With ``hold`` it keeps the connection open and sends nothing more.
    """
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for reply in replies:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply.encode())
                    if hold:
                        over.wait(60)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join(10)


def json_reply(status: int, body: str) -> str:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}"


def refusal(status: int, code: str | None = None) -> str:
    quoted = f'"{code}"' if code else "null"
    return json_reply(status, f'{{"error": {{"message": "no", "code": {quoted}}}}}')


@contextmanager
def client_of(url: str, timeout: float = 30) -> Iterator[ServerClient]:
    client = ServerClient(url, TINY, timeout=timeout)
    try:
        yield client
    finally:
        client.close()


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_closed_port_means_that_the_server_is_unavailable() -> None:
    with client_of(closed_port()) as client:
        assert not client.healthy()
        with pytest.raises(ServerUnavailable, match="does not answer"):
            answer(client)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(401), GenerationError),
        (refusal(404), GenerationError),
        (refusal(400), GenerationError),
        (refusal(400, "adapter_not_loaded"), GenerationError),
        (refusal(408), GenerationTimedOut),
        (refusal(429), ServerBusy),
        (refusal(500), GenerationError),
        (refusal(502), ServerUnavailable),
        (refusal(503), ServerBusy),
        (refusal(503, "not_ready"), ServerUnavailable),
        (refusal(504), GenerationTimedOut),
        (json_reply(500, "no JSON at all"), GenerationError),
        ("no HTTP at all", ServerUnavailable),
        ("", ServerUnavailable),
    ],
)
def test_each_refusal_has_its_error(reply: str, error: type[GenerationError]) -> None:
    with scripted(reply) as url, client_of(url) as client:
        with pytest.raises(GenerationError) as told:
            answer(client)

        assert type(told.value) is error


@pytest.mark.parametrize("reply", [refusal(404), refusal(400, "adapter_not_loaded")])
def test_an_unknown_adapter_has_its_error(reply: str) -> None:
    with scripted(reply) as url, client_of(url) as client, pytest.raises(AdapterNotLoaded):
        answer(client, adapter="red")


def test_a_server_that_says_nothing_times_out() -> None:
    silence = scripted("", hold=True)
    with silence as url, client_of(url, 0.2) as client, pytest.raises(GenerationTimedOut):
        answer(client)


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        ("Content-Length: 5000\r\n", PIECE),
        ("Transfer-Encoding: chunked\r\n", f"{len(PIECE):x}\r\n{PIECE}\r\n"),
        ("", PIECE),
        ("", PIECE + 'data: {"error": {"message": "out of memory"}}\n\n'),
        ("", PIECE + "data: {broken\n\n"),
    ],
    ids=["cut off", "cut off chunks", "no end", "an error in it", "no JSON"],
)
def test_a_stream_that_breaks_in_the_middle_is_an_error_after_its_pieces(
    head: str, rest: str
) -> None:
    with scripted(f"{EVENTS}{head}\r\n{rest}") as url, client_of(url) as client:
        stream = client.stream(SHORT, adapter=None, max_tokens=9)

        assert next(stream) == "Thirty"
        with pytest.raises(GenerationError):
            next(stream)


@pytest.mark.slow
def test_a_stream_that_stalls_in_the_middle_times_out() -> None:
    reply = f"{EVENTS}\r\n{PIECE}"
    with scripted(reply, hold=True) as url, client_of(url, timeout=2) as client:
        stream = client.stream(SHORT, adapter=None, max_tokens=9)
        next(stream)

        with pytest.raises(GenerationTimedOut):
            next(stream)


def test_a_stream_that_ends_well_is_whole() -> None:
    reply = f"{EVENTS}\r\n{PIECE}{LAST}data: [DONE]\n\n"
    with scripted(reply) as url, client_of(url) as client:
        assert answer(client) == "Thirty"


def chunk_event(piece: str, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": finish}
    return f"data: {json.dumps({'id': '1', 'choices': [choice]})}\n\n"


def test_an_answer_that_reaches_max_tokens_ends_with_the_cut_mark() -> None:
    reply = f"{EVENTS}\r\n{chunk_event('Thirty days and', 'length')}data: [DONE]\n\n"
    with scripted(reply) as url, client_of(url) as client:
        assert answer(client) == "Thirty days and" + CUT


def test_an_answer_that_repeats_itself_is_cut_while_the_server_continues() -> None:
    circle = "Thirty. " + "The answer is: " * 9
    for size in (1, 7, len(circle)):
        pieces = (circle[at : at + size] for at in range(0, len(circle), size))
        reply = f"{EVENTS}\r\n{''.join(map(chunk_event, pieces))}"
        with scripted(reply, hold=True) as url, client_of(url) as client:
            assert answer(client) == "Thirty. " + ("The answer is: " * 4).rstrip() + CUT


@pytest.mark.parametrize(
    "text",
    [
        "The answer is: " * 3,
        "| day | hours |\n|" + "-----|" * 12,
        "".join(f"Step {n}: tighten the bolt.\n" for n in range(9)),
    ],
)
def test_text_that_is_only_similar_is_not_cut(text: str) -> None:
    assert not is_repeating(text)


def test_something_else_than_a_model_server_is_an_error() -> None:
    page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>"
    replies = page, json_reply(200, "[]"), json_reply(200, '{"data": [1]}')
    with scripted(*replies) as url, client_of(url) as client:
        for _ in replies:
            with pytest.raises(GenerationError, match="is no model server"):
                client.models()


@pytest.mark.slow
def test_an_adapter_that_the_server_lost_is_loaded_again_and_asked_once_more(
    server: Running, tiny: Path, adapters: Path
) -> None:
    expected = answer(server.client, adapter="red")
    asked = list[str]()

    def folder(name: str) -> str:
        asked.append(name)
        return str(adapters / name)

    with running(tiny) as fresh:
        client = ServerClient(fresh.url, TINY, adapter_folder=folder)
        assert answer(client, adapter="red") == expected
        assert answer(client, adapter="red") == expected
        client.close()
    assert asked == ["red"]


def test_an_adapter_that_nobody_knows_is_an_error(server: Running) -> None:
    def unknown(name: str) -> str:
        raise NotFound(f"No adapter is called {name}.")

    client = ServerClient(server.url, TINY, adapter_folder=unknown)
    with pytest.raises(AdapterNotLoaded, match="No adapter is called gone"):
        answer(client, adapter="gone")
    client.close()


def test_refusal_of_vllm_to_load_an_adapter_twice_is_ignored() -> None:
    cards = '{"object": "list", "data": [{"id": "red", "root": "/red", "parent": "base"}]}'
    replies = refusal(400), json_reply(200, cards)
    with scripted(*replies) as url, client_of(url) as client:
        client.load_adapter("red", "/red")


def test_refusal_of_vllm_to_replace_an_adapter_is_an_error() -> None:
    cards = '{"object": "list", "data": [{"id": "red", "root": "/red", "parent": "base"}]}'
    replies = refusal(400), json_reply(200, cards)
    with scripted(*replies) as url, client_of(url) as client, pytest.raises(AdapterNotLoaded):
        client.load_adapter("red", "/other")


def test_an_adapter_that_vllm_fails_to_load_is_refused() -> None:
    refused = pytest.raises(AdapterNotLoaded, match="loads no adapter wide")
    replies = refusal(500), json_reply(200, '{"data": []}')
    with scripted(*replies) as url, client_of(url) as client, refused:
        client.load_adapter("wide", "/wide")


@pytest.mark.parametrize(
    "reply",
    [
        json_reply(404, '{"detail": "Not Found"}'),
        json_reply(500, '{"error": {"message": "LoRA is not enabled. Use --enable-lora."}}'),
    ],
)
def test_a_vllm_that_loads_no_adapters_is_told_from_one_that_refuses_one(reply: str) -> None:
    replies = reply, json_reply(200, '{"data": []}')
    with scripted(*replies) as url, client_of(url) as client, pytest.raises(NoAdapters):
        client.check_loads_adapters()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["", "/models/tiny-phi3"])
def test_a_model_without_a_served_name_is_asked_for(model: str, server: Running) -> None:
    client = ServerClient(f"{server.url}/v1/", model)

    assert client.model == TINY
    assert answer(client) == answer(server.client)
    client.close()


def descendants(error: type[BaseException]) -> set[type[BaseException]]:
    below = error.__subclasses__()
    return {error, *below}.union(*(descendants(each) for each in below))


VENDORS = sorted(
    set().union(
        *(
            descendants(root)
            for root in (
                openai.OpenAIError,
                httpx2.HTTPError,
                httpx2.StreamError,
                httpx2.InvalidURL,
            )
        )
    ),
    key=lambda error: (error.__module__, error.__name__),
)


def instance_of(error: type[BaseException]) -> BaseException:
    """An instance of the class, made without its constructor."""
    made = error.__new__(error)
    request = httpx2.Request("POST", "http://127.0.0.1")
    made.__dict__.update(
        message="no", body=None, code=None, status_code=418, response=httpx2.Response(418)
    )
    made.__dict__.update(request=request) if isinstance(made, openai.APIError) else None
    return made


@pytest.mark.parametrize("error", VENDORS, ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_every_error_of_openai_and_httpx_istranslated(error: type[BaseException]) -> None:
    with pytest.raises(GenerationError) as told, translated("http://127.0.0.1"):
        raise instance_of(error)

    assert isinstance(told.value.__cause__, error)


@pytest.mark.slow
def test_the_client_is_fast_to_import() -> None:
    program = (
        "import sys, serving, serving.client; "
        "print({'torch', 'transformers', 'peft', 'fastapi', 'uvicorn'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "set()"
