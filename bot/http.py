"""Runs the bot in HTTP mode: Slack sends its events to a public address, which leads here."""

import logging
from collections.abc import Callable, Iterable
from threading import Event, Thread
from wsgiref.types import StartResponse, WSGIEnvironment

from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress import create_server, wasyncore  # type: ignore[import-untyped]

from bot.app import Bot
from bot.run import GRACE, end, keep_running
from domain.errors import ConfigError

log = logging.getLogger(__name__)

_THREADS = 32
_LARGEST = 1024 * 1024


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
        raise ConfigError(
            "The address to listen on cannot be used: look at PHI3_SLACK_HTTP_HOST and "
            "PHI3_SLACK_HTTP_PORT.",
            f"{host}:{port}: {error}",
        ) from error
    waking = Thread(target=lambda: stop.wait() and server.pull_trigger(), daemon=True)
    waking.start()
    try:
        ready(int(server.effective_port))
        log.info("The bot listens at http://%s:%s/slack/events.", host, server.effective_port)
        keep_running(
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
        end(bot, grace)


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
