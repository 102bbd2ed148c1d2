"""Runs the bot until it is told to stop: Socket Mode, or an HTTP server behind a public address."""

import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from time import monotonic, time
from wsgiref.types import StartResponse, WSGIEnvironment

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.socket_mode.builtin import SocketModeClient
from waitress import create_server, wasyncore  # type: ignore[import-untyped]

from bot.app import Bot
from bot.slack_client import translated
from domain.errors import ConfigError, MessengerError, MessengerRefused, RecordsError

log = logging.getLogger(__name__)

GRACE = 25.0
"""Seconds that running answers get once the bot is told to stop; Kubernetes kills after 30."""
_THREADS = 32
_LARGEST = 1024 * 1024


@contextmanager
def until_stopped() -> Iterator[Event]:
    """An event that SIGTERM and SIGINT set."""
    stop = Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {each: signal.signal(each, lambda *_: stop.set()) for each in signals}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def run_socket_mode(
    bot: Bot,
    app_token: str,
    stop: Event,
    *,
    connections: int = 2,
    ping_seconds: float = 10,
    silence_seconds: float = 60,
    grace: float = GRACE,
) -> None:
    """Runs until ``stop``. With two connections, one is there while Slack renews the other.

    Raises ConfigError for a wrong token, and MessengerUnavailable where Slack does not answer at
    the start; later it is tried again for as long as it takes.
    """
    if not app_token:
        raise ConfigError("SLACK_APP_TOKEN is not set: Socket Mode needs it (xapp-…).")
    opened = [
        SocketConnection(
            SocketModeHandler(bot.app, app_token, ping_interval=ping_seconds), silence_seconds
        )
        for _ in range(connections)
    ]
    try:
        for connection in opened:
            connection.open()
        log.info("The bot listens in Socket Mode.")
        _keep(bot, stop, partial(_check_all, opened), ping_seconds)
    finally:
        _close_all(opened)
        _end(bot, grace)


class SocketConnection:
    """One connection of Socket Mode, which is opened anew when nothing is heard of it.

    The SDK pings and reconnects on its own, but not where no pong ever came, and it gives up its
    check when a reconnect hangs (bolt-python issue 1246).
    """

    def __init__(self, handler: SocketModeHandler, silence: float) -> None:
        self._client: SocketModeClient = handler.client
        self._silence = silence
        self._heard = time()
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

    def check(self) -> None:
        session = self._client.current_session
        heard = max(self._heard, (session.last_ping_pong_time if session else None) or 0.0)
        if time() - heard < self._silence:
            return
        log.warning("Nothing heard from Slack for %.0f s: connecting anew.", time() - heard)
        self._heard = time()
        try:
            with translated("a new connection"):
                self._client.connect_to_new_endpoint(force=True)
        except MessengerError as error:
            log.warning("Not connected yet: %s", error)

    def close(self) -> None:
        self._client.close()

    def _receive(self, _: str) -> None:
        self._heard = time()


def _close_all(connections: Iterable[SocketConnection]) -> None:
    """Closes them at once: each waits some seconds for its own threads."""
    closing = [Thread(target=each.close) for each in connections]
    for thread in closing:
        thread.start()
    for thread in closing:
        thread.join()


def _check_all(connections: Iterable[SocketConnection]) -> None:
    for each in connections:
        each.check()


def run_http(
    bot: Bot,
    signing_secret: str,
    stop: Event,
    *,
    host: str = "127.0.0.1",
    port: int = 3000,
    ready: Callable[[int], None] = lambda _: None,
    grace: float = GRACE,
) -> None:
    """Serves POST /slack/events and GET /health until ``stop``; ``ready`` is told the port.

    Raises ConfigError where there is no signing secret, or the port is taken.
    """
    if not signing_secret.strip():
        raise ConfigError("SLACK_SIGNING_SECRET is not set: without it anyone could pose as Slack.")
    sockets: dict[int, object] = {}
    # It would warn of each request that waits its turn, which is what a burst is.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = create_server(
            WsgiApp(bot),
            map=sockets,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            max_request_body_size=_LARGEST,
        )
    except OSError as error:
        wasyncore.close_all(sockets)
        raise ConfigError(f"Port {port} on {host} cannot be used: {error}") from error
    waking = Thread(target=lambda: stop.wait() and server.pull_trigger(), daemon=True)
    waking.start()
    try:
        ready(int(server.effective_port))
        log.info("The bot listens at http://%s:%s/slack/events.", host, server.effective_port)
        _keep(
            bot,
            stop,
            lambda: wasyncore.loop(timeout=1.0, use_poll=True, map=sockets, count=1),
            0,
        )
    finally:
        stop.set()
        waking.join()
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)
        _end(bot, grace)


class WsgiApp:
    """The WSGI application: Bolt's, and what must be said before Bolt is asked."""

    def __init__(self, bot: Bot) -> None:
        self._bolt = SlackRequestHandler(bot.app)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/health":
            return _plain(start, "200 OK", b"ok")
        stamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        # Bolt fails with a 500 where this is no number.
        if environ["REQUEST_METHOD"] == "POST" and not (stamp.isascii() and stamp.isdecimal()):
            return _plain(start, "401 Unauthorized", b"not signed")
        try:
            return self._bolt(environ, start)
        except UnicodeDecodeError:
            return _plain(start, "401 Unauthorized", b"not signed")


def _plain(start: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def _keep(bot: Bot, stop: Event, turn: Callable[[], object], pause: float) -> None:
    """Calls ``turn`` every ``pause`` seconds; holds what is in hand, and takes up what is left."""
    due = 0.0
    while not stop.is_set():
        if monotonic() >= due:
            due = monotonic() + bot.hold.total_seconds() / 3
            _resume(bot)
        turn()
        stop.wait(pause)


def _resume(bot: Bot) -> None:
    try:
        bot.resume()
    except RecordsError as error:
        log.warning("Nothing could be taken up again: %s", error)


def _end(bot: Bot, grace: float) -> None:
    with suppress(RecordsError):  # then another process may answer, too
        bot.asking.keep_hold()
    if not bot.close(grace):
        log.warning("Some answers are not finished; the next start takes them up.")
