"""Serves the console until a signal ends it."""

import socket

import uvicorn
from fastapi import FastAPI

_GRACE_SECONDS = 5


def server_of(app: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # the addresses of sign-in links are secrets
        log_config=None,  # its lines are as all others
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Serves on ``listener``."""
    server_of(app).run([listener])
