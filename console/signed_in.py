"""Lets nobody further who is not signed in, before anything of a request's body is read."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from console.rendering import error_page
from domain.console import ConsoleSession
from domain.errors import Phi3Error

COOKIE, HTTPS_COOKIE = "phi3_session", "__Host-phi3_session"
OPEN_PATHS = ("/sign-in", "/static/", "/favicon.ico", "/health")
"""How the paths begin that need no session."""


def cookie_name(*, is_https: bool) -> str:
    """Browsers take a cookie with the prefix only over https, from this host, for all paths."""
    return HTTPS_COOKIE if is_https else COOKIE


def secret_of(request: HTTPConnection) -> str:
    """The secret of the session; empty without one."""
    return request.cookies.get(HTTPS_COOKIE) or request.cookies.get(COOKIE) or ""


def keep_signed_in(response: Response, secret: str, *, is_https: bool) -> None:
    """Sets the cookie of a session; the browser forgets it when it is closed."""
    response.set_cookie(
        cookie_name(is_https=is_https), secret, httponly=True, samesite="strict", secure=is_https
    )


class SignedIn:
    """Puts the session into the request's state. Others are sent to the page that signs in.

    ``find`` gives the session of a secret; ``failed`` answers if it raises an error.
    """

    def __init__(
        self,
        app: ASGIApp,
        find: Callable[[str], ConsoleSession | None],
        failed: Callable[[Phi3Error], Response],
    ) -> None:
        self._app = app
        self._find = find
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        secret = secret_of(request)
        try:
            session = await run_in_threadpool(self._find, secret) if secret else None
        except Phi3Error as error:
            await self._failed(error)(scope, receive, send)
            return
        if session is None:
            await _refusal(request)(scope, receive, send)
            return
        request.state.session = session
        await self._app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path.startswith(OPEN_PATHS)


def _refusal(request: Request) -> Response:
    if request.method in ("GET", "HEAD"):
        return RedirectResponse("/sign-in", 303)
    return error_page(
        401,
        "You are not signed in",
        "Your session has ended, so nothing was changed. Sign in again.",
    )
