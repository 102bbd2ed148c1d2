"""Runs the bot in Socket Mode: it connects to Slack, and needs no public address."""

import logging
import select
from collections.abc import Callable, Collection, Iterable
from functools import partial
from threading import Event, Thread
from time import time
from typing import cast

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.socket_mode.builtin import SocketModeClient

from bot.metrics import connections_heard
from bot.run import GRACE, Runs, end, keep_running
from bot.slack.errors import translated
from domain.errors import ConfigError, MessengerError, MessengerRefused

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
"""The pause between two looks at the connections, and before a lost one is first opened again."""
_LONGEST_PAUSE = 10.0
_ENDED = getattr(select, "POLLRDHUP", select.POLLHUP)  # only Linux says that one side has ended

_THREADS = 32
"""How many events of a connection are handled at the same time, and so stored together."""


def run_socket_mode(
    bot: Runs,
    app_token: str,
    stop: Event,
    *,
    connections: int = 2,
    ping_seconds: float = 10,
    silence_seconds: float = 60,
    grace: float = GRACE,
    mark: Callable[[], None] = lambda: None,
    heard: Callable[[int], None] = connections_heard,
) -> None:
    """Runs until ``stop``; calls ``mark`` before it connects and after each look at a connection.

    ``heard`` is told at each look on how many of them Slack was heard lately.

    There are two connections, since Slack renews each from time to time.

    Raises ConfigError for a wrong token, and MessengerUnavailable if Slack does not answer at the
    start; after that it tries to connect again without end.
    """
    if not app_token:
        raise ConfigError("SLACK_APP_TOKEN is not set: Socket Mode needs it (xapp-…).")
    opened = [
        SocketConnection(
            SocketModeHandler(
                cast(App, bot.app), app_token, ping_interval=ping_seconds, concurrency=_THREADS
            ),
            silence_seconds,
        )
        for _ in range(connections)
    ]
    try:
        mark()  # it may hold up all threads at its first call
        for connection in opened:
            connection.open()
        log.info("The bot listens in Socket Mode.")
        pause = min(ping_seconds, _LOOK_SECONDS)
        keep_running(bot, stop, partial(_check_all, opened, heard), pause, mark)
    finally:
        _close_all(opened)
        end(bot, grace)


class SocketConnection:
    """One connection of Socket Mode, which is opened again if Slack sends nothing on it.

    The SDK pings and reconnects by itself, but not if no pong ever came, and its check stops when a
    reconnect hangs (bolt-python issue 1246). Where Slack's side ended without a goodbye, it notices
    that only with its next ping. Meanwhile Slack has nobody to send events to, and what it then
    sends again comes a minute later.
    """

    def __init__(self, handler: SocketModeHandler, silence: float) -> None:
        self._client: SocketModeClient = handler.client
        self._silence = silence
        self._heard = time()
        self._pause = _LOOK_SECONDS
        self._again_at = 0.0
        self._client.on_message_listeners.append(self._receive)

    def open(self) -> None:
        try:
            with translated("the app token"):
                self._client.connect()
        except MessengerRefused as error:
            raise ConfigError(
                f"Slack does not accept SLACK_APP_TOKEN ({error.code}); make one with the scope "
                "connections:write on the app's Basic Information page."
            ) from error
        self._heard = time()

    @property
    def is_heard(self) -> bool:
        """Whether it is open, and Slack has sent something lately."""
        return self._client.is_connected() and self._silent_for() < self._silence

    def check(self) -> None:
        silent = self._silent_for()
        if silent >= self._silence:
            log.warning("Slack has sent nothing for %.0f s: connecting again.", silent)
            self._heard = time()
            self._connect()
        elif not self._is_ended():
            self._pause = _LOOK_SECONDS
        elif time() >= self._again_at:
            self._connect()
            self._again_at = time() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _is_ended(self) -> bool:
        """Whether nothing can come any more, as the operating system knows."""
        session = self._client.current_session
        socket = session.sock if session else None
        if socket is None or (number := socket.fileno()) < 0:
            return True
        ends = select.poll()
        ends.register(number, _ENDED)
        return bool(ends.poll(0))

    def _connect(self) -> None:
        try:
            with translated("a new connection"):
                _twice(partial(self._client.connect_to_new_endpoint, force=True))
        except MessengerError as error:
            log.warning("Not connected yet: %s", error)

    def close(self) -> None:
        """Lets the events that are being taken be acknowledged first; Slack sends the others again.

        A button whose press is not acknowledged shows an error to the person.
        """
        client = self._client
        client.auto_reconnect_enabled = False
        client.closed = True  # nothing more is taken from its queue
        client.message_processor.shutdown()  # type: ignore[no-untyped-call]
        client.message_workers.shutdown(cancel_futures=True)
        _twice(client.close)

    def _silent_for(self) -> float:
        session = self._client.current_session
        heard = max(self._heard, (session.last_ping_pong_time if session else None) or 0.0)
        return time() - heard

    def _receive(self, _: str) -> None:
        self._heard = time()


def _twice(close: Callable[[], None]) -> None:
    """Does it again if another thread of the SDK has closed the same socket at that moment.

    The second of the two finds None instead of the socket, since it looked before it waited.
    """
    try:
        close()
    except AttributeError:
        close()


def _close_all(connections: Iterable[SocketConnection]) -> None:
    """Closes them at the same time, since each waits some seconds for its own threads."""
    closing = [Thread(target=each.close) for each in connections]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join()


def _check_all(connections: Collection[SocketConnection], heard: Callable[[int], None]) -> None:
    for each in connections:
        each.check()
    heard(sum(each.is_heard for each in connections))
