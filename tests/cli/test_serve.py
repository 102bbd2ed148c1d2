"""`phi3 serve` as a process: the port first, the key of the home, and the end after a signal."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cli.processes import PROGRAM
from serving.listening import listen
from tests.cli.test_processes import ROOT
from tests.collector import attributes, collector
from tests.ports import free_port
from tests.tiny_phi3 import build_tiny_phi3

MANY = 400
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACE = "a" * 32


@contextmanager
def serve(
    home: Path, port: int, model: str, **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    settings = {"PHI3_HOME": str(home), "PHI3_SERVER_PORT": str(port), "PHI3_MODEL": model}
    process = subprocess.Popen(
        [*PROGRAM, "serve"],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | settings | environment,
        cwd=home.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_taken_port_is_noticed_before_the_model_is_looked_for(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        with serve(tmp_path / "home", port, str(tmp_path / "no-model")) as process:
            said, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.count("\n") == 1
    assert f"port {port}" in said
    assert "PHI3_SERVER_PORT" in said


@pytest.mark.slow
def test_a_model_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with serve(tmp_path / "home", free_port(), str(tmp_path / "no-model")) as process:
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.count("\n") == 1, said


@pytest.mark.slow
def test_the_server_needs_the_key_of_its_home_and_a_signal_lets_its_answer_end(
    tmp_path: Path,
) -> None:
    model = build_tiny_phi3(tmp_path / "tiny-phi3")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        collector() as traces,
        serve(tmp_path / "home", port, str(model), **{ENDPOINT: traces.url}) as process,
    ):
        deadline = time.monotonic() + 120
        while not _ready(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert httpx.get(f"{url}/v1/models").status_code == 401
        key = (tmp_path / "home" / "server-key").read_text().strip()
        asked = {"authorization": f"Bearer {key}"}
        assert httpx.get(f"{url}/v1/models", headers=asked).status_code == 200

        lines: list[str] = []
        begun = threading.Event()

        def read() -> None:
            body = {"model": "tiny-phi3", "prompt": "Once", "max_tokens": MANY, "stream": True}
            headers = asked | {"traceparent": f"00-{TRACE}-{'b' * 16}-01"}
            sent = httpx.stream("POST", f"{url}/v1/completions", json=body, headers=headers)
            with sent as reply:
                for line in reply.iter_lines():
                    lines.append(line)
                    begun.set()

        reader = threading.Thread(target=read)
        reader.start()
        assert begun.wait(60)
        process.terminate()
        process.wait(60)
        reader.join(60)
    assert [line for line in lines if line][-1] == "data: [DONE]"
    # The trace of whoever asked goes on here, and is sent before the server ends.
    generated = traces.one("generate")
    assert traces.services() == {"phi3-server"}
    assert (generated.trace_id.hex(), generated.parent_span_id.hex()) == (TRACE, "b" * 16)
    tokens = attributes(generated)["phi3.tokens"]
    assert isinstance(tokens, int)
    assert 1 < tokens <= MANY


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == 200
    except httpx.TransportError:
        return False
