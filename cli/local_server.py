"""Finds or starts a model server for a command that needs the model."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

from cli.printing import say, waiting
from cli.processes import end, start_role
from cli.settings import Settings
from domain.errors import ServerUnavailable

_START_SECONDS = 600  # the first start may download the weights or convert them
_TOO_LONG = f"The model server did not start in {_START_SECONDS} s"
_LOOK_SECONDS = 0.2
_STOP_SECONDS = 10
_LOOPBACK = "127.0.0.1"
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104


@contextmanager
def with_model_server(settings: Settings) -> Iterator[Settings]:
    """The settings, with ``server_url`` set to a server for this command.

    Raises ServerUnavailable if it does not start.
    """
    with model_server_on_demand(settings) as (chosen, start):
        yield chosen.model_copy(update={"server_url": start()})


@contextmanager
def model_server_on_demand(
    settings: Settings,
) -> Iterator[tuple[Settings, Callable[[], str]]]:
    """The settings, with ``server_url`` set to a server, and what starts it if that is needed.

    A configured server is used without checking that it answers. If none is configured, the one
    that runs on this machine is used, also one that loads its model or rests: a second model might
    not fit beside it. If there is none, one is started once that is wanted, and stopped at the end.
    The second value starts it, and returns the address to use: by then another server may run. It
    raises ServerUnavailable if the server does not start.
    """
    if settings.server_url:
        yield settings, lambda: settings.server_url
        return
    usual, port = own_url(settings.server_port, settings.server_host), free_port()
    with ExitStack() as stack:

        def start() -> str:
            if _runs(usual):
                return usual
            say("No model server is running: starting one for this command …")
            own = settings.model_copy(update={"server_host": _LOOPBACK, "server_port": port})
            _wait(stack.enter_context(_started(own)), own_url(port), settings)
            return own_url(port)

        expected = own_url(port) if _state(usual) is None else usual
        yield settings.model_copy(update={"server_url": expected}), start


def check_lives(settings: Settings) -> None:
    """Raises ServerUnavailable unless our own server works on this machine, or rests for a night.

    Who rests answers nobody, and goes on by itself; a probe that ended it would end the night's
    training too.
    """
    from serving.client import ServerClient

    with closing(ServerClient(own_url(settings.server_port, settings.server_host))) as client:
        if not client.lives():
            raise ServerUnavailable("`phi3 serve` does not work here.")


def own_url(port: int, host: str = _LOOPBACK) -> str:
    """The address of our own server for a program of this machine, if it listens on ``host``."""
    return f"http://{_LOOPBACK if is_on_every_address(host) else in_url(host)}:{port}/v1"


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach what listens on ``host``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_on_every_address(host: str) -> bool:
    """Whether what listens on ``host`` does so on all addresses of this machine."""
    return host in _EVERY_ADDRESS


def in_url(host: str) -> str:
    """``host`` as it is written in a URL."""
    return f"[{host}]" if ":" in host else host


def _state(url: str) -> str | None:
    from serving.client import ServerClient

    with closing(ServerClient(url)) as client:  # /health needs no key
        return client.state()


def _runs(url: str) -> bool:
    """Whether a server runs there, once it has loaded its model.

    Raises ServerUnavailable if that takes too long.
    """
    if (state := _state(url)) == "starting":
        deadline = time.monotonic() + _START_SECONDS
        with waiting("Loading the model …"):
            while (state := _state(url)) == "starting":
                if time.monotonic() > deadline:
                    raise ServerUnavailable(_TOO_LONG)
                time.sleep(_LOOK_SECONDS)
    return state is not None


@contextmanager
def _started(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    log = _log(settings)
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = start_role("serve", settings, log=written)
    finally:
        os.close(written)
    try:
        yield process
    finally:
        end([process], _STOP_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", url: str, settings: Settings) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with waiting("Loading the model …"):
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerUnavailable("The model server did not start.", _last_words(settings))
            if _state(url) == "ready":
                return
            time.sleep(_LOOK_SECONDS)
    raise ServerUnavailable(_TOO_LONG)


def _last_words(settings: Settings) -> str:
    log = _log(settings)
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = lines[-1].removeprefix("phi3: ") if lines else "it printed nothing"
    return f"{last.rstrip('.')}; the whole log is {log}"


def _log(settings: Settings) -> Path:
    return settings.home / "logs" / "serve.log"


def free_port() -> int:
    """A free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
