"""The WSGI application of HTTP mode: it checks requests before they go to Bolt."""

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.slack.http_server import HEALTH
from bot.slack.manifest import INSTALL, REDIRECT
from domain.errors import Phi3Error
from records.patience import waiting_at_most

log = logging.getLogger(__name__)

EVENTS = "/slack/events"
READY = "/ready"

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_STAMP_DIGITS = 12  # seconds since 1970 have ten
_PATIENCE = 2.0
"""How many seconds to wait for a locked database: Slack waits 3 for the acknowledgement."""

_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The exceptions when a payload does not have the form of Slack's."""


ErrorHandler = Callable[[Exception, dict[str, object]], BoltResponse]


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Receiver(Protocol):
    """What takes Slack's requests: Bolt's app, or what passes them on to several."""

    def dispatch(self, req: BoltRequest, /) -> BoltResponse: ...

    def error(self, handler: ErrorHandler, /) -> object:
        """``handler`` gives the response to a request that could not be taken."""
        ...


class Pages(Protocol):
    """The pages of an installation."""

    def answer(self, path: str, request: BoltRequest) -> BoltResponse: ...


class WsgiApp:
    """Passes Slack's requests to Bolt if their signature is right, and answers health probes.

    /health only says that the process runs. /ready calls ``check``, which raises Phi3Error while
    questions cannot be accepted. With ``pages`` people can install the app. Without a signing
    secret, as in Socket Mode, no requests are taken.
    """

    def __init__(
        self,
        app: Receiver,
        signing_secret: str,
        check: Callable[[], None],
        pages: Pages | None = None,
    ) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._check = check
        self._pages = pages
        self._methods: dict[str, tuple[str, ...]] = {
            HEALTH: ("GET", "HEAD"),
            READY: ("GET", "HEAD"),
        }
        if signing_secret:
            self._methods[EVENTS] = ("POST",)
        if pages:
            self._methods |= {INSTALL: ("GET",), REDIRECT: ("GET",)}
        app.error(_failed)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            response = self._answer(environ)
        except _Refused as refused:
            response = _text(refused.status, str(refused))
        return _written(response, environ, start)

    def _answer(self, environ: WSGIEnvironment) -> BoltResponse:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        allowed = self._methods.get(path)
        if allowed is None:
            raise _Refused(HTTPStatus.NOT_FOUND, f"There is no such path; Slack's is {EVENTS}.")
        if method not in allowed:
            raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"Use {' or '.join(allowed)} here.")
        if path == HEALTH:
            return _text(HTTPStatus.OK, "ok")
        if self._pages and path in (INSTALL, REDIRECT):
            query = str(environ.get("QUERY_STRING", ""))
            return self._pages.answer(
                path, BoltRequest(body="", query=query, headers=_headers(environ))
            )
        return self._readiness() if path == READY else self._slack(environ)

    def _readiness(self) -> BoltResponse:
        try:
            self._check()
        except Phi3Error as error:
            log.warning("Not ready: %s", error)
            return _text(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.")
        return _text(HTTPStatus.OK, "ready")

    def _slack(self, environ: WSGIEnvironment) -> BoltResponse:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if not self._is_signed(body, environ):
            raise _Refused(HTTPStatus.UNAUTHORIZED, "The request is not signed by Slack.")
        kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        text = body.decode()
        try:
            _check_payload(text, kind)
            headers = _headers(environ) | {"content-type": kind}
            # Bolt raises these if a payload has Slack's names but other values.
            request = BoltRequest(body=text, headers=headers)
            with waiting_at_most(_PATIENCE):
                return self._app.dispatch(request)
        except _UNREADABLE as error:
            log.warning("A signed request could not be read: %s", error)
            raise _Refused(HTTPStatus.BAD_REQUEST, "The payload cannot be read.") from error

    def _is_signed(self, body: bytes, environ: WSGIEnvironment) -> bool:
        stamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
        # The verifier raises if these are not a number or ASCII, or if the body is not UTF-8.
        if not self._verifier or not (
            stamp.isascii() and stamp.isdecimal() and len(stamp) <= _STAMP_DIGITS
        ):
            return False
        try:
            return signature.isascii() and self._verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            return False


def _check_payload(text: str, kind: str) -> None:
    """Raises _Refused, or one of ``_UNREADABLE``, if it is not a payload of Slack."""
    if kind == _JSON:
        payloads = [text]
    elif kind == _FORM:
        payloads = parse_qs(text).get("payload", ["{}"])
    else:
        raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {_JSON} or {_FORM}.")
    if not all(isinstance(json.loads(payload), dict) for payload in payloads):
        raise _Refused(HTTPStatus.BAD_REQUEST, "The payload is not a JSON object.")


def _failed(error: Exception, body: dict[str, object]) -> BoltResponse:
    """Bolt's answer if a listener failed: never 2xx, so that Slack sends the event again."""
    log.error("An event of Slack was not taken (%s)", body.get("type"), exc_info=error)
    if isinstance(error, _UNREADABLE):
        return _text(HTTPStatus.BAD_REQUEST, "The payload cannot be read.")
    return _text(HTTPStatus.SERVICE_UNAVAILABLE, "Not taken; send it again.")


def _headers(environ: WSGIEnvironment) -> dict[str, str | Sequence[str]]:
    return {
        key.removeprefix("HTTP_").lower().replace("_", "-"): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }


def _text(status: HTTPStatus, text: str) -> BoltResponse:
    return BoltResponse(
        status=status, body=text, headers={"content-type": "text/plain;charset=utf-8"}
    )


def _written(
    response: BoltResponse, environ: WSGIEnvironment, start: StartResponse
) -> Iterable[bytes]:
    body = response.body.encode()
    headers = [
        (name, value)
        for name, values in response.headers.items()
        if name != "content-length"
        for value in values
    ]
    status = HTTPStatus(response.status)
    start(f"{status} {status.phrase}", [*headers, ("content-length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
