"""Runs the console, and makes the links that sign in to it."""

import logging
import os
import socket
import sys
import threading
import time
import webbrowser
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.alive import Role
from cli.listener import handed_over, sleep_at
from cli.local_server import in_url, is_loopback, is_on_every_address
from cli.printing import out, say
from cli.processes import exiting_on_sigterm
from cli.running import with_default_server
from cli.settings import Settings
from cli.wiring import Container
from cli.worker.process import Worker
from domain.console import ConsoleRole
from domain.errors import ConfigError, DatabaseUnavailable, Phi3Error
from records.console_sessions import ConsoleSessions

if TYPE_CHECKING:
    from console.parts import Address, Parts

log = logging.getLogger(__name__)

IDLE_SECONDS = 600.0
"""After so long without a request the console sleeps until the next one."""

_AGAIN_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_WAIT_SECONDS = 60.0
_SCREENS = "DISPLAY", "WAYLAND_DISPLAY"
_ANSWER_SECONDS = 5.0


def run_console(settings: Settings, role: ConsoleRole, *, opens: bool, parent: int = 0) -> None:
    """Serves the console until a signal ends it; prints a link that signs in as ``role``.

    While nobody uses it, it sleeps; it ends with the process ``parent``, if one is given.
    Raises ConfigError if the port is taken, and if other machines could reach the console by an
    address that it does not know. Raises DatabaseUnavailable.
    """
    if not settings.console_url and not is_loopback(settings.console_host):
        raise ConfigError(
            "PHI3_CONSOLE_HOST lets other machines open the console: set PHI3_CONSOLE_URL, the "
            "address at which they do, too."
        )
    from serving.listening import listen

    place = settings.console_host, settings.console_port
    woken = handed_over()
    listener = woken or listen(*place, who="The console", setting="PHI3_CONSOLE")
    with listener.dup() as kept:  # the server closes the other one
        try:
            with listener:
                is_idle = _serve(settings, listener, None if woken else role, opens=opens)
        except DatabaseUnavailable as error:
            if not woken:
                raise
            log.warning("The console cannot use the database: %s", error)
            time.sleep(_AGAIN_SECONDS)
            is_idle = True  # whoever woke it waits, and wakes it again
        if is_idle:
            sleep_at(kept, parent)


def _serve(
    settings: Settings, listener: socket.socket, role: ConsoleRole | None, *, opens: bool
) -> bool:
    """Serves until a signal ends it, or nobody uses it; whether the latter.

    Prints a link that signs in as ``role``, if one is given.
    """
    with (
        Container(with_default_server(settings)) as container,
        closing(Worker(container.settings)) as worker,
    ):
        from cli.console_parts import console_parts
        from cli.status import telling_status
        from console.app import build_app
        from console.serve import serve

        parts = console_parts(container, address_of(settings), worker)
        app = build_app(parts)
        if role:
            _print(parts, role, opens=opens)

        def live() -> None:
            check_answers(settings)

        ready = container.database.check
        # The figures of a console that sleeps could not be read.
        idle_seconds = IDLE_SECONDS if settings.metrics_port is None else None
        # uvicorn sends itself the signal again that ended it.
        with exiting_on_sigterm(), telling_status(settings, Role.CONSOLE, ready, live=live):
            return serve(app, listener, idle_seconds=idle_seconds, is_busy=lambda: worker.is_busy)


def print_link(settings: Settings, role: ConsoleRole, *, opens: bool) -> None:
    """Prints another link. Raises DatabaseUnavailable."""
    if not _answers(settings):
        say("No console answers on this machine: `phi3 console` or `phi3 up` runs it.")
    link = _new_link(settings, role)
    out.print(link)
    if opens:
        _open(link)


def open_when_it_answers(settings: Settings) -> None:
    """Opens the console in the browser, in a thread, once it answers; gives up after a minute."""

    def wait_and_open() -> None:
        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            if _answers(settings):
                with suppress(Phi3Error):  # the console itself says why
                    _open(_new_link(settings, ConsoleRole.ADMIN))
                return
            time.sleep(_LOOK_SECONDS)

    threading.Thread(target=wait_and_open, name="open-console", daemon=True).start()


def _new_link(settings: Settings, role: ConsoleRole) -> str:
    with Container(settings) as container:
        secret = ConsoleSessions(container.database).make_link(role)
    return address_of(settings).link(secret)


def _open(link: str) -> None:
    """Where there is no screen, Python would start a browser in the terminal, if it finds one."""
    if sys.platform in ("darwin", "win32") or any(map(os.environ.get, _SCREENS)):
        webbrowser.open(link)


def _answers(settings: Settings) -> bool:
    try:
        socket.create_connection(_place(settings), _LOOK_SECONDS).close()
    except OSError:
        return False
    return True


def check_answers(settings: Settings) -> None:
    """Raises Phi3Error if no console answers on this machine."""
    try:
        with closing(HTTPConnection(*_place(settings), timeout=_ANSWER_SECONDS)) as asked:
            asked.request("GET", "/health")
            asked.getresponse()
    except (OSError, HTTPException) as error:
        raise Phi3Error("The console does not answer.", str(error)) from error


def _place(settings: Settings) -> tuple[str, int]:
    """Where the console of this machine is asked."""
    host = "127.0.0.1" if is_on_every_address(settings.console_host) else settings.console_host
    return host, settings.console_port


def address_of(settings: Settings) -> "Address":
    """Where people find the console."""
    from console.parts import Address

    host = settings.console_host
    own = f"http://{in_url(host)}:{settings.console_port}"
    url = settings.console_url or own
    return Address(url, frozenset({host, urlsplit(url).hostname or host}))


def _print(parts: "Parts", role: ConsoleRole, *, opens: bool) -> None:
    link = parts.address.link(parts.sessions.make_link(role))
    # Rich, which prints for other commands, would take 2 MB for ever.
    print(f"The console is at {parts.address.url}. This link signs in once, as {role}:")
    print(f"  {link}")
    print("It is valid for ten minutes; `phi3 console --link` prints another.", flush=True)
    if opens:
        _open(link)
