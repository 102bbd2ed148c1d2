"""Starts the worker when it is first needed, calls it, and ends it when nobody needs it now."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, TypeVar

from cli.environment import as_environment
from cli.settings import Settings
from cli.worker.messages import Call, Done, Failed, Piece
from domain.errors import Phi3Error, Stopped

IDLE_SECONDS = 600.0
"""After so long without work the worker ends, and its memory is free again."""

_LOOKS = 20
"""How often in that time it is looked whether the worker is needed."""

_END_SECONDS = 5.0

_ENDED = "The process that searches and answers ended meanwhile. Please try again."
_NOT_STARTED = "The process that searches and answers could not be started."

T = TypeVar("T")
Listener = Callable[[str], None]


class Worker:
    """Several threads may use it at once; all calls share one process.

    A worker that ended, whatever ended it, is replaced with the next call. It ends with this
    process, also if that is killed.
    """

    def __init__(self, settings: Settings, idle_seconds: float = IDLE_SECONDS) -> None:
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._lock = Lock()
        self._closed = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._calls = 0
        self._used_at = monotonic()

    @property
    def pid(self) -> int | None:
        """The running process; None if there is none."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    @property
    def is_busy(self) -> bool:
        """Whether something is being done there."""
        return self._calls > 0

    def run(self, work: Callable[..., T], *given: object, listener: Listener | None = None) -> T:
        """What ``work`` returns there, of the worker's container and ``given``.

        ``listener`` gets the pieces; its error ends the work, but Stopped is raised there, where
        the work may end in its own way. Raises the Phi3Error that ``work`` raised, and Phi3Error if
        the worker ended or could not be started.
        """
        with self._connection() as worker:
            _send(worker, Call(work, given, listener is not None))
            while True:
                match _receive(worker):
                    case Piece(text) if listener:
                        _send(worker, _is_more_wanted(listener, text))
                    case Done(result):
                        return result  # type: ignore[no-any-return]
                    case Failed(error):
                        raise error

    def begin(self, work: Callable[..., object]) -> None:
        """Begins some work without waiting for its end; if that fails, nobody is told."""
        with suppress(Phi3Error), self._connection() as worker:
            _send(worker, Call(work, (), streams=False))

    def close(self) -> None:
        """Ends the worker; what it does fails. Further calls fail too."""
        self._closed.set()
        with self._lock:
            self._end()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Raises Phi3Error."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with self._lock:
                self._calls += 1
                self._used_at = monotonic()
            try:
                self._pass(theirs)
                theirs.close()
                with Connection(ours.detach()) as connection:
                    yield connection
            finally:
                with self._lock:
                    self._calls -= 1
                    self._used_at = monotonic()

    def _pass(self, end: socket.socket) -> None:
        """Hands ``end`` of a connection to the worker, to a new one if it ended."""
        with self._lock:
            try:
                if self._process is None or self._process.poll() is not None:
                    self._start()
                try:
                    self._hand_over(end)
                except OSError:  # it ended a moment ago
                    self._start()
                    self._hand_over(end)
            except OSError as error:
                raise Phi3Error(_NOT_STARTED, str(error)) from error

    def _hand_over(self, end: socket.socket) -> None:
        assert self._control is not None
        socket.send_fds(self._control, [b"c"], [end.fileno()])

    def _start(self) -> None:
        """Raises OSError."""
        self._end()
        if self._closed.is_set():
            raise OSError("The console is ending.")
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.worker.main", str(theirs.fileno())],
                env=as_environment(self._settings),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Ctrl-C in a terminal reaches the whole process group, but this process ends it.
                start_new_session=True,
            )
        watch = Thread(target=self._watch, args=[self._process], name="worker-watch", daemon=True)
        watch.start()

    def _watch(self, process: "subprocess.Popen[bytes]") -> None:
        """Ends the worker once nobody has needed it for a while."""
        while not self._closed.wait(self._idle_seconds / _LOOKS):
            with self._lock:
                if self._process is not process:
                    return
                is_idle = monotonic() - self._used_at >= self._idle_seconds
                if process.poll() is not None or (is_idle and not self._calls):
                    self._end()
                    return

    def _end(self) -> None:
        if self._control:
            self._control.close()
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._control = None


def _is_more_wanted(listener: Listener, text: str) -> bool:
    try:
        listener(text)
    except Stopped:
        return False
    return True


def _send(worker: Connection, message: Call | bool) -> None:
    try:
        worker.send(message)
    except OSError as error:
        raise Phi3Error(_ENDED, str(error)) from error


def _receive(worker: Connection) -> Any:
    try:
        return worker.recv()
    except (EOFError, OSError) as error:
        raise Phi3Error(_ENDED, str(error)) from error
