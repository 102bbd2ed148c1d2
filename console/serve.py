"""Serves the console until a signal ends it, or until nobody uses it any more."""

import socket
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

import uvicorn
from fastapi import FastAPI

_GRACE_SECONDS = 5
_LOOKS = 20
"""How often, in the time after which it is idle, it is looked whether it is."""


def server_of(app: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # the addresses of sign-in links are secrets
        log_config=None,  # its lines are as all others
        server_header=False,
        proxy_headers=False,
        ws="none",
        http="h11",  # httptools takes headers of any length, and stands still meanwhile
        loop="asyncio",  # uvloop takes 2 MB, and a page's time goes elsewhere
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def serve(
    app: FastAPI,
    listener: socket.socket,
    *,
    idle_seconds: float | None = None,
    is_busy: Callable[[], bool] = lambda: False,
) -> bool:
    """Serves on ``listener``, and closes it; whether it ended since nobody used it so long.

    While ``is_busy``, it is used. Without ``idle_seconds`` only a signal ends it.
    """
    server, idle = server_of(app), Event()
    if idle_seconds is not None:
        watched = server, idle_seconds, is_busy, idle
        Thread(target=_end_when_idle, args=watched, name="idle-watch", daemon=True).start()
    server.run([listener])
    return idle.is_set()


def _end_when_idle(
    server: uvicorn.Server, seconds: float, is_busy: Callable[[], bool], idle: Event
) -> None:
    state, stop = server.server_state, Event()
    seen, since = state.total_requests, monotonic()
    while not stop.wait(seconds / _LOOKS):
        if state.total_requests != seen or state.connections or is_busy():
            seen, since = state.total_requests, monotonic()
        elif monotonic() - since >= seconds:
            idle.set()
            server.should_exit = True
            return
