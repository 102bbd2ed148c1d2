"""Lets nobody further who is not signed in, before anything of a request's body is read.

Only where nobody can say who is signed in, a form is read, to show again what is written in it.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from console.cookies import cookie_name
from console.csrf import is_own
from console.rendering import error_page
from console.typed import NOTHING, Vain, in_vain
from domain.console import ConsoleSession
from domain.errors import Phi3Error

COOKIE = "phi3_session"
OPEN_PATHS = ("/sign-in", "/static/", "/favicon.ico", "/health")
"""How the paths begin that need no session."""
_FORM = "application/x-www-form-urlencoded"


def keep_signed_in(response: Response, secret: str, *, is_https: bool) -> None:
    """Sets the cookie of a session; the browser forgets it when it is closed."""
    name = cookie_name(COOKIE, is_https=is_https)
    response.set_cookie(name, secret, httponly=True, samesite="strict", secure=is_https)


class SignedIn:
    """Puts the session and its secret into the request's state. Others are sent to the page that
    signs in.

    ``find`` gives the session of a secret; ``failed`` answers if it raises an error.
    """

    def __init__(
        self,
        app: ASGIApp,
        find: Callable[[str], ConsoleSession | None],
        failed: Callable[[Phi3Error, Vain], Response],
        *,
        is_https: bool,
    ) -> None:
        self._app = app
        self._cookie = cookie_name(COOKIE, is_https=is_https)
        self._find = find
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        secret = request.cookies.get(self._cookie)
        try:
            session = await run_in_threadpool(self._find, secret) if secret else None
        except Phi3Error as error:
            vain = await _in_vain(Request(scope, receive), secret or "")
            await self._failed(error, vain)(scope, receive, send)
            return
        if session is None:
            await _refusal(request)(scope, receive, send)
            return
        request.state.session, request.state.secret = session, secret
        await self._app(scope, receive, send)


async def _in_vain(request: Request, secret: str) -> Vain:
    """What is written in a form that a page of this session made; nothing of files."""
    kind = request.headers.get("content-type", "")
    if request.method != "POST" or not kind.startswith(_FORM):
        return NOTHING
    return in_vain(request) if await is_own(request, secret) else NOTHING


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
