"""Limits on what a browser may send: the size of a request, and how often it may try to sign in."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.rendering import error_page


class LimitedBodies:
    """Answers 413 to a request whose body is larger than ``most(path)`` bytes."""

    def __init__(self, app: ASGIApp, most: Callable[[str], int]) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, told = self._most(scope["path"]), _told(scope)
        if told > most:
            await error_page(413, _TITLE, _text(most))(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, _text(most))
            return message

        await self._app(scope, counted, send)


_TITLE = "Too large"


def _text(most: int) -> str:
    return f"At most {most / (1 << 20):,.0f} MB can be sent here. Nothing was changed."


def _told(scope: Scope) -> int:
    """The length that the request's header tells; 0 if it does not."""
    given = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(given) if given.isdigit() else 0


_TOO_MANY = "Too many attempts to sign in failed from here. Wait a minute."


class Attempts:
    """Counts attempts in the last minute by their key, such as an address."""

    def __init__(self, most: int, seconds: float = 60.0) -> None:
        self._most = most
        self._seconds = seconds
        self._at: dict[str, deque[float]] = {}
        self._lock = Lock()

    def count(self, key: str) -> bool:
        """Counts one more; whether it is among those that are allowed."""
        now = monotonic()
        since = now - self._seconds
        with self._lock:
            for old in [each for each, at in self._at.items() if at[-1] < since]:
                del self._at[old]
            at = self._at.setdefault(key, deque(maxlen=self._most + 1))
            at.append(now)
            return sum(each >= since for each in at) <= self._most


@contextmanager
def failures_counted(request: Request, *failures: type[Exception]) -> Iterator[None]:
    """Counts failures to sign in. Raises HTTPException (429) instead of those that are too many.

    What does not fail is never refused: behind a proxy all people have the same address.
    """
    try:
        yield
    except failures as error:
        attempts: Attempts = request.app.state.attempts
        if attempts.count(request.client.host if request.client else ""):
            raise
        raise HTTPException(429, _TOO_MANY, {"Retry-After": "60"}) from error
