"""The worker: `python -m cli.worker.main FD`, where FD is a socket that brings connections.

Each connection is one call. The worker ends as soon as the socket's other end is closed, since then
the process that would get its answers has ended.
"""

import logging
import os
import socket
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from cli.app import prepare_process
from cli.environment import read_settings
from cli.logs import log_as_json, log_to_stderr
from cli.wiring import Container
from cli.worker.messages import Call, Done, Failed, Piece
from domain.errors import Phi3Error, Stopped

_AT_ONCE = 64
"""More than the console has threads, so that no call waits for another."""

_FAILED = "Something went wrong. The log of the console says what."

log = logging.getLogger(__name__)


class _NobodyWaits(Exception):
    """Who called has closed the connection."""


def main(control: socket.socket) -> None:
    prepare_process()
    log_to_stderr()
    settings = read_settings()
    if settings.log_format == "json":
        log_as_json("console")
    container = Container(settings)
    threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="work")
    while connection := _next(control):
        done = threads.submit(_work, container, connection)
        done.add_done_callback(partial(_tell, connection))
    # Nobody would get the answers that are being made; what they write survives a kill.
    os._exit(0)


def _next(control: socket.socket) -> Connection | None:
    """The next call's connection; None once there will be no more."""
    with suppress(OSError):
        _, handed, _, _ = socket.recv_fds(control, 1, 1)
        if handed:
            return Connection(handed[0])
    return None


def _work(container: Container, connection: Connection) -> Any:
    try:
        call: Call = connection.recv()
    except (EOFError, OSError) as error:
        raise _NobodyWaits from error
    if not call.streams:
        return call.work(container, *call.given)

    def send(text: str) -> None:
        try:
            connection.send(Piece(text))
            is_more_wanted = connection.recv()
        except (EOFError, OSError) as error:
            raise _NobodyWaits from error
        if not is_more_wanted:
            raise Stopped

    return call.work(container, *call.given, listener=send)


def _tell(connection: Connection, done: "Future[Any]") -> None:
    error = done.exception()
    if error is None:
        end: Done | Failed = Done(done.result())
    elif isinstance(error, Phi3Error):
        end = Failed(error)
    else:
        if not isinstance(error, _NobodyWaits):
            log.error("A call of the console failed", exc_info=error)
        end = Failed(Phi3Error(_FAILED))
    with connection, suppress(OSError):  # nobody waits for it any more
        connection.send(end)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
