"""Refuses requests that were meant for another host.

A page from elsewhere can let its own name point to this machine (DNS rebinding); the name is all
that tells such a request of a browser from others.
"""

import re
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.api import error_body

_HOST = re.compile(r"(?:\[([\da-fA-F:.]{2,45})\]|([\w.-]{1,253}))(?::\d{0,5})?", re.ASCII)
MISDIRECTED = 421
_MESSAGE = (
    "The Host header names no host that this server answers for; "
    "PHI3_SERVER_NAMES names further ones."
)


class AllowedHosts:
    """Passes on requests for loopback, for the address that they came to, and for ``names``.

    ``refusal`` answers others; by default 421 with an error in OpenAI's shape.
    """

    def __init__(
        self, app: ASGIApp, names: Collection[str] = (), refusal: ASGIApp | None = None
    ) -> None:
        self._app = app
        self._names = {_plain(name) for name in names}
        self._refusal = refusal or JSONResponse(
            error_body(_MESSAGE, "invalid_request_error"), MISDIRECTED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_allowed = scope["type"] != "http" or self._is_allowed(scope)
        await (self._app if is_allowed else self._refusal)(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        found = (
            _HOST.fullmatch(given[0].decode("latin-1").strip(" \t")) if len(given) == 1 else None
        )
        if not found:
            return False
        host = _plain(found[1] or found[2])
        own = scope.get("server")
        return host in self._names or _is_loopback(host) or bool(own and host == _plain(own[0]))


def _plain(host: str) -> str:
    """A name or address as it is compared."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower().rstrip(".")
    # A socket of IPv6 gives the addresses of IPv4 like this.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
