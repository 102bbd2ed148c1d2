"""A model server for one command: it is started if none runs, and ends with the command."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli import processes
from cli.local_server import model_server_on_demand, own_url, with_model_server
from cli.running import serve_model
from cli.settings import Settings
from domain.errors import ConfigError, ServerUnavailable
from serving.client import ServerClient
from tests.cli.model_server import model_server
from tests.cli.test_processes import ROOT, alive, wait_until_ended
from tests.ports import free_port

# A replacement for `phi3 serve`: it answers on the given port.
SERVE = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
Path(os.environ["PHI3_HOME"], "pid").write_text(str(os.getpid()))
HTTPServer(("127.0.0.1", int(os.environ["PHI3_SERVER_PORT"])), Healthy).serve_forever()
"""
BROKEN = "import sys; print('phi3: no model \\x1b[2J at http://u:s3cret@hub'); sys.exit(1)"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "home").mkdir()
    return Settings(_env_file=None, home=tmp_path / "home", server_port=free_port())


def program(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROGRAM", [sys.executable, "-c", code])


@pytest.mark.slow
def test_server_is_started_and_ends_with_the_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(SERVE, monkeypatch)
    with with_model_server(settings) as with_server:
        pid = int((settings.home / "pid").read_text())
        assert alive(pid)
        assert with_server.server_url.startswith("http://127.0.0.1:")
        assert with_server.server_url != own_url(settings.server_port)
    wait_until_ended(pid)
    log = settings.home / "logs" / "serve.log"
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_server_is_started_only_once_it_is_wanted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(SERVE, monkeypatch)
    with model_server_on_demand(settings) as (with_server, start):
        assert not (settings.home / "pid").exists()
        start()
        pid = int((settings.home / "pid").read_text())
        assert alive(pid)
        assert with_server.server_url.startswith("http://127.0.0.1:")
    wait_until_ended(pid)


def test_it_ends_when_the_command_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(SERVE, monkeypatch)
    with pytest.raises(ConfigError), with_model_server(settings):
        raise ConfigError("What the command found.")
    wait_until_ended(int((settings.home / "pid").read_text()))


def test_error_of_a_server_that_does_not_start_has_its_last_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(BROKEN, monkeypatch)
    with pytest.raises(ServerUnavailable, match="no model") as caught, with_model_server(settings):
        pass
    assert "s3cret" not in str(caught.value)
    assert str(settings.home) in str(caught.value)
    assert caught.value.public == "The model server did not start."


def test_server_that_runs_here_is_used(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    program("raise SystemExit('not this one')", monkeypatch)
    with model_server() as running:
        port = int(running.url.split(":")[2].partition("/")[0])
        here = settings.model_copy(update={"server_port": port})
        with with_model_server(here) as with_server:
            assert with_server.server_url == own_url(port)


@contextmanager
def server_that_is(*states: str, port: int = 0) -> Iterator[int]:
    """Our own server's /health, at its port: each state once, and the last one from then on."""
    left = list(states)

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state = left.pop(0) if len(left) > 1 else left[0]
            body = json.dumps({"state": state}).encode()
            self.send_response(200 if state == "ready" else 503)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", port), Health) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    "states",
    [["resting"], ["failed"], ["starting", "starting", "starting", "ready"]],
    ids=["rests", "failed", "loads"],
)
def test_beside_a_server_that_loads_or_rests_no_second_one_is_started(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, states: list[str]
) -> None:
    program("raise SystemExit('not this one')", monkeypatch)
    monkeypatch.setattr("cli.local_server._LOOK_SECONDS", 0.01)
    with server_that_is(*states) as port:
        here = settings.model_copy(update={"server_port": port})
        with with_model_server(here) as with_server:
            assert with_server.server_url == own_url(port)
            client = ServerClient(with_server.server_url)
            assert client.state() == states[-1]
            client.close()


@pytest.mark.slow
def test_server_that_has_come_since_the_command_began_is_used(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    program("raise SystemExit('not this one')", monkeypatch)
    with model_server_on_demand(settings) as (with_server, start):
        assert with_server.server_url != own_url(settings.server_port)
        client = ServerClient(with_server.server_url)
        with server_that_is("ready", port=settings.server_port):
            client.move_to(start())
            assert client.healthy()
        client.close()


def test_other_programs_at_the_address_are_no_model_servers() -> None:
    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(503)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Nothing) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        client = ServerClient(f"http://127.0.0.1:{server.server_port}/v1")
        assert client.state() is None
        client.close()
        thread.join()


def test_configured_server_is_used_without_a_check(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    program("raise SystemExit('not this one')", monkeypatch)
    configured = settings.model_copy(update={"server_url": "http://127.0.0.1:1/v1"})
    with with_model_server(configured) as with_server:
        assert with_server == configured


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1/v1"),
        ("0.0.0.0", "http://127.0.0.1:1/v1"),
        ("::", "http://127.0.0.1:1/v1"),
        ("10.0.0.7", "http://10.0.0.7:1/v1"),
        ("fd00::7", "http://[fd00::7]:1/v1"),
    ],
)
def test_programs_of_this_machine_find_the_server_wherever_it_listens(host: str, url: str) -> None:
    assert own_url(1, host) == url


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "server.example.com"])
def test_server_that_others_reach_is_not_started_without_a_key(
    host: str, settings: Settings
) -> None:
    open_to_others = settings.model_copy(update={"server_host": host})
    with pytest.raises(ConfigError, match="set PHI3_SERVER_KEY too"):
        serve_model(open_to_others)
