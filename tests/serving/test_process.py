"""How a server begins and ends: it answers 503 while it loads, and ends its answers."""

import asyncio
import json
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from domain.errors import ConfigError
from serving.listening import listen
from serving.models import load, resolve, stop_tokens
from tests.serving.asking import chat
from tests.serving.conftest import endless_copy, import_server, wait_until

if TYPE_CHECKING:
    from serving.process import LoadingApp, Server

MANY = 2000
"""The tokens of an answer that takes longer than a test waits, at 20 tokens a second."""


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConfigError, match="another program listens there") as caught:
            listen("127.0.0.1", port)
        assert str(port) in caught.value.public


@pytest.mark.parametrize(
    ("host", "words"), [("203.0.113.9", "no such address"), ("no.such.host.invalid", "not known")]
)
def test_an_address_that_is_not_this_machines_is_said(host: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        listen(host, 0)


@contextmanager
def process(load: "LoadingApp") -> Iterator[tuple[str, "Server", threading.Thread]]:
    """A server whose model is loaded meanwhile: its address, itself, and its thread."""
    from serving.process import Server

    with listen("127.0.0.1", 0) as listener:
        server = Server(load, load)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", server, thread
        finally:
            server.stop()
            server.should_exit = True
            thread.join()


@pytest.mark.slow
def test_until_the_model_is_loaded_every_call_says_so(tiny: Path) -> None:
    import_server()
    from serving.engine import Engine
    from serving.process import App, LoadingApp
    from serving.server import create_app

    loaded = threading.Event()

    def loading() -> App:
        loaded.wait(60)
        network, tokenizer = load(resolve(str(tiny), tiny))
        return create_app(Engine(network, tokenizer, tiny.name))

    with process(LoadingApp(loading)) as (url, _, _):
        health = httpx.get(f"{url}/health")
        assert (health.status_code, health.json()["state"]) == (503, "starting")
        early = chat(url)
        assert (early.status_code, early.json()["error"]["code"]) == (503, "not_ready")
        loaded.set()
        wait_until(lambda: httpx.get(f"{url}/health").status_code == 200)
        assert chat(url).status_code == 200


def test_a_model_that_cannot_be_loaded_ends_the_server() -> None:
    from serving.process import App, LoadingApp

    def loading() -> App:
        raise ConfigError("There is no such model.")

    app = LoadingApp(loading)
    with process(app) as (_, _, thread):
        thread.join(60)
        assert not thread.is_alive()
    assert isinstance(app.failed, ConfigError)


@contextmanager
def busy(tiny: Path, folder: Path) -> Iterator[tuple[str, "Server", threading.Thread, list[str]]]:
    """A server that streams a long answer, and the lines of that answer so far."""
    import_server()
    import torch

    from serving.engine import Engine
    from serving.process import LoadingApp
    from serving.server import create_app

    model = endless_copy(tiny, folder)
    network, tokenizer = load(resolve(str(model), model))
    with torch.no_grad():  # so that it never says that it is done
        network.lm_head.weight[list(stop_tokens(network, tokenizer))] = 0
    engine = Engine(network, tokenizer, "tiny-phi3")
    manager = engine._batcher._manager
    step = manager._generation_step

    def slow_step() -> object:
        time.sleep(0.05)
        return step()

    manager._generation_step = slow_step  # type: ignore[method-assign,assignment]
    app = LoadingApp(lambda: create_app(engine))
    lines: list[str] = []
    with process(app) as (url, server, thread):
        wait_until(lambda: httpx.get(f"{url}/health").status_code == 200)

        def read() -> None:
            body = {
                "model": "tiny-phi3",
                "messages": [{"role": "user", "content": "x"}],
                "max_tokens": MANY,
                "stream": True,
            }
            asked = httpx.stream("POST", f"{url}/v1/chat/completions", json=body, timeout=60)
            with asked as reply:
                lines.extend(filter(None, reply.iter_lines()))

        reader = threading.Thread(target=read)
        reader.start()
        wait_until(lambda: httpx.get(f"{url}/health").json()["running"] == 1)
        try:
            yield url, server, thread, lines
        finally:
            reader.join(60)


@pytest.mark.slow
def test_a_server_that_stops_refuses_new_requests_and_ends_long_answers_with_an_error(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.process.GRACE_SECONDS", 5.0)
    with busy(tiny, tmp_path) as (url, server, thread, lines):
        server.stop()
        refused = chat(url)
        health = httpx.get(f"{url}/health")
        thread.join(60)
        assert not thread.is_alive()
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")
    assert refused.headers["retry-after"]
    assert (health.status_code, health.json()["state"]) == (503, "stopped")
    assert "content" in json.loads(lines[0].removeprefix("data: "))["choices"][0]["delta"]
    error = json.loads(lines[-1].removeprefix("data: "))["error"]
    assert error["message"] == "The model server is stopping."
    assert "data: [DONE]" not in lines


class WithoutAnswers:
    """What a server ends with that has no answers."""

    async def end_answers(self) -> None: ...


@pytest.mark.slow
def test_a_client_that_does_not_read_counts_as_one_that_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fastapi.responses import StreamingResponse

    from serving.process import App, LoadingApp

    monkeypatch.setattr("serving.unread.SECONDS", 0.2)
    app, sent, closed = App(), threading.Event(), threading.Event()

    async def much() -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(100_000)
                sent.set()
                await asyncio.sleep(0)
        finally:
            closed.set()

    @app.get("/much")
    async def get() -> StreamingResponse:
        return StreamingResponse(much())

    app.state.ending = WithoutAnswers()
    with process(LoadingApp(lambda: app)) as (url, _, _):
        wait_until(lambda: httpx.get(f"{url}/much/none").status_code == 404)
        with httpx.stream("GET", f"{url}/much", timeout=30) as reply:
            assert sent.wait(30)
            assert closed.wait(30)
            with pytest.raises(httpx.TransportError):
                reply.read()


@pytest.mark.slow
def test_a_second_signal_ends_long_answers_with_an_error_at_once(
    tiny: Path, tmp_path: Path
) -> None:
    with busy(tiny, tmp_path) as (_, server, thread, lines):
        wait_until(lambda: len(lines) > 0)
        for _ in range(2):
            server.handle_exit(signal.SIGTERM, None)
        thread.join(10)
        assert not thread.is_alive()
    assert json.loads(lines[-1].removeprefix("data: "))["error"]["message"] == (
        "The model server is stopping."
    )
