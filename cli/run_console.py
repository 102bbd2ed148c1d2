"""Runs the console, and makes the links that sign in to it."""

import socket
import webbrowser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cli.local_server import in_url, is_loopback, is_on_every_address
from cli.printing import out, say
from cli.running import with_default_server
from cli.settings import Settings
from cli.wiring import Container
from domain.console import ConsoleRole
from domain.errors import ConfigError

if TYPE_CHECKING:
    from console.parts import Address, Parts

_LOOK_SECONDS = 1.0


def run_console(settings: Settings, role: ConsoleRole, *, opens: bool) -> None:
    """Serves the console until a signal ends it; prints a link that signs in as ``role``.

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
    with (
        listen(*place, who="The console", setting="PHI3_CONSOLE") as listener,
        Container(with_default_server(settings)) as container,
    ):
        from cli.console_parts import console_parts
        from console.app import build_app
        from console.serve import serve

        parts = console_parts(container, address_of(settings))
        app = build_app(parts)
        _print(parts, role, opens=opens)
        serve(app, listener)


def print_link(settings: Settings, role: ConsoleRole, *, opens: bool) -> None:
    """Prints another link. Raises DatabaseUnavailable."""
    from cli.console_parts import console_parts

    host = "127.0.0.1" if is_on_every_address(settings.console_host) else settings.console_host
    try:
        socket.create_connection((host, settings.console_port), _LOOK_SECONDS).close()
    except OSError:
        say("No console answers on this machine: `phi3 console` or `phi3 up` runs it.")
    with Container(settings) as container:
        parts = console_parts(container, address_of(settings))
        link = parts.address.link(parts.sessions.make_link(role))
        out.print(link)
    if opens:
        webbrowser.open(link)


def address_of(settings: Settings) -> "Address":
    """Where people find the console."""
    from console.parts import Address

    host = settings.console_host
    own = f"http://{in_url(host)}:{settings.console_port}"
    url = settings.console_url or own
    return Address(url, frozenset({host, urlsplit(url).hostname or host}))


def _print(parts: "Parts", role: ConsoleRole, *, opens: bool) -> None:
    link = parts.address.link(parts.sessions.make_link(role))
    out.print(f"The console is at {parts.address.url}. This link signs in once, as {role}:")
    out.print(f"  {link}")
    out.print("It is valid for ten minutes; `phi3 console --link` prints another.")
    if opens:
        webbrowser.open(link)
