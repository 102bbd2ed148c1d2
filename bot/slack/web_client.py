"""Slack's SDK over connections that are kept: its own client opens a new one for each call.

A new connection to Slack costs two ways to it and back, and on this side some 25 ms of the
processor, most of them for reading the certificates anew.
"""

import socket
import ssl
from email.message import Message
from functools import cache
from http.client import HTTPException
from io import BytesIO
from time import monotonic
from typing import Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.web.slack_response import SlackResponse
from urllib3 import PoolManager, ProxyManager, Timeout, make_headers
from urllib3 import exceptions as failures
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from bot.metrics import slack_call

_CONNECTIONS = 64
"""The most connections that are kept; more may be open at the same time."""

_IDLE = 3.0
"""Seconds after which an idle connection is not used again.

Slack, or what is between, may just be closing it, and then nobody knows whether a post was made.
"""


_NO_RETRIES = Retry(False, redirect=False)
"""Every failure is raised as it is: whether a call is made again, the SDK's handlers decide."""


class KeptWebClient(WebClient):
    """The SDK's client with another way to the network; everything else is the SDK's.

    All instances share their connections. It raises the exceptions of urllib, as the SDK's client
    does, which its handlers of retries know.
    """

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        with slack_call(api_method):
            return super().api_call(api_method, **options)

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        try:
            response = _connections(self.proxy or "").urlopen(
                req.get_method(),
                url,
                body=cast(bytes | None, req.data),
                headers=dict(req.header_items()),
                timeout=Timeout(self.timeout),
                retries=_NO_RETRIES,
                redirect=False,
            )
        except failures.HTTPError as error:
            raise _as_of_urllib(error) from error
        if response.status >= 400:
            raise HTTPError(url, response.status, "", _headers(response), BytesIO(response.data))
        headers = _headers(response)
        text = response.data.decode(headers.get_content_charset() or "utf-8")
        return {"status": response.status, "headers": headers, "body": text}


class _Kept(HTTPConnection):
    """A connection that is not used again after it has been idle for some seconds."""

    _used_at = 0.0

    @property
    def is_connected(self) -> bool:
        return monotonic() - self._used_at < _IDLE and super().is_connected

    def getresponse(self) -> Any:
        # Linux would acknowledge a response's head only after 40 ms, and some servers send the
        # rest no earlier.
        if self.sock and hasattr(socket, "TCP_QUICKACK"):
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        response = super().getresponse()
        self._used_at = monotonic()
        return response


class _KeptTls(_Kept, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Kept


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _KeptTls


@cache
def _connections(proxy: str) -> PoolManager:
    """The connections of this process to Slack, through ``proxy`` if that is not empty."""
    options: dict[str, Any] = {
        "maxsize": _CONNECTIONS,
        "ssl_context": ssl.create_default_context(),
    }
    if proxy:
        options["proxy_headers"] = _credentials(proxy)
    pool = ProxyManager(proxy, **options) if proxy else PoolManager(**options)
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return pool


def _credentials(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    return make_headers(proxy_basic_auth=f"{parts.username}:{parts.password or ''}")


def _headers(response: BaseHTTPResponse) -> Message:
    message = Message()
    for name, value in response.headers.items():
        message[name] = value
    return message


def _as_of_urllib(error: failures.HTTPError) -> Exception:
    """The exception that urllib raises for the same failure."""
    cause = error.args[1] if len(error.args) > 1 else None
    if isinstance(error, failures.ProtocolError) and isinstance(cause, OSError | HTTPException):
        return cause
    if isinstance(error, failures.ReadTimeoutError):
        return TimeoutError("The read operation timed out")
    return URLError(str(error))
