"""Runs a server: it answers 503 while its model loads, and ends its answers before it ends.

It is fast to import.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any, Protocol

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.api import error_body
from serving.closing import Closing
from serving.unread import ReadInTime

App = FastAPI

GRACE_SECONDS = 20
"""How many seconds running answers may take after the server is told to stop."""

_LAST_SECONDS = 5  # for the end of answers that took longer
_RETRY_AFTER_SECONDS = 5


class Ending(Protocol):
    """What a server ends with; ``end_answers`` ends the running ones with an error."""

    closing: Closing

    async def end_answers(self) -> None: ...


class LoadingApp:
    """Answers 503 until ``load``, which runs in a thread, has made the app; then that answers.

    After a failure the server ends, and `failed` says why.
    """

    def __init__(self, load: Callable[[], FastAPI]) -> None:
        self._load = load
        self._app: FastAPI | None = None
        self._running: asyncio.Task[None] | None = None
        self.closing = Closing()

    @property
    def failed(self) -> BaseException | None:
        """The exception of ``load``, or of the app's start."""
        running = self._running
        if running is None or not running.done() or running.cancelled():
            return None
        return running.exception()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or starts and stops with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is None:
            await _not_ready(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def end_answers(self) -> None:
        """Ends the running answers with an error, if the app is there."""
        if self._app is not None:
            await self._app.state.ending.end_answers()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        stop = asyncio.Event()
        self._running = running = asyncio.create_task(self._run(stop))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stop.set()
        if self._app is None:
            running.cancel()  # its thread ends with the process
        await asyncio.wait([running])
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self, stop: asyncio.Event) -> None:
        app = await _in_thread(self._load)
        app.state.ending.closing = self.closing
        async with app.router.lifespan_context(app):
            self._app = app
            await stop.wait()


class Server(uvicorn.Server):
    """Goes on after a signal until its answers have ended, at most ``GRACE_SECONDS``.

    New requests get 503 meanwhile. Then the answers that still run end with an error; after a
    second signal they do so at once.
    """

    def __init__(self, app: ASGIApp, ending: Ending) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=ReadInTime,
                ws="none",
                log_level="warning",
                access_log=False,
                log_config=None,  # its lines are as all others
                lifespan="on",
                timeout_graceful_shutdown=_LAST_SECONDS,
            )
        )
        self._ending = ending
        self._asked: float | None = None
        self._ended = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remembers the signal; `on_tick` does what it asks for."""
        first = self._asked is None
        super().handle_exit(sig, frame)
        if first:
            self.should_exit = False
            self.stop()

    def stop(self) -> None:
        """Stops as after a signal; may be called from any thread."""
        self._ending.closing.begun = True
        self._asked = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Whether to end; uvicorn asks ten times a second."""
        if self._asked is not None:
            waited = time.monotonic() - self._asked
            # After a second signal uvicorn wants to end.
            if (waited > GRACE_SECONDS or self.should_exit) and not self._ended:
                self._ended = True
                await self._ending.end_answers()
            if not self.server_state.tasks or waited > GRACE_SECONDS + _LAST_SECONDS:
                self.should_exit = True
        if getattr(self._ending, "failed", None) is not None:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(load: Callable[[], FastAPI], listener: socket.socket) -> None:
    """Serves on ``listener`` until a signal ends it; ``load`` makes the app meanwhile.

    Raises what ``load`` raises.
    """
    loading = LoadingApp(load)
    Server(loading, loading).run([listener])
    if loading.failed is not None:
        raise loading.failed


async def _not_ready(scope: Scope, receive: Receive, send: Send) -> None:
    message = "The model server is loading the model."
    starting = {"state": "starting", "reason": message}
    is_probe = scope.get("path") in ("/health", "/ping", "/live", "/ready")
    body: dict[str, Any] = (
        starting if is_probe else error_body(message, "server_error", "not_ready")
    )
    reply = JSONResponse(body, 503, {"Retry-After": str(_RETRY_AFTER_SECONDS)})
    await reply(scope, receive, send)


def _in_thread(work: Callable[[], FastAPI]) -> Awaitable[FastAPI]:
    """The result of ``work`` in a thread that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[FastAPI] = loop.create_future()

    def settle(app: FastAPI | None, error: Exception | None) -> None:
        if result.done():
            return
        if app is not None:
            result.set_result(app)
        else:
            assert error is not None
            result.set_exception(error)

    def run() -> None:
        app, error = None, None
        try:
            app = work()
        except Exception as e:  # noqa: BLE001  # it is raised where the result is awaited
            error = e
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, app, error)

    threading.Thread(target=run, name="model-loading", daemon=True).start()
    return result
