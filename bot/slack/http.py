"""Runs the bot in HTTP mode: Slack sends its events to a public address of this server."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from wsgiref.types import WSGIApplication

from waitress import wasyncore  # type: ignore[import-untyped]

from bot.run import GRACE, Runs, end, keep_running
from bot.slack.http_server import BoundedServer, listening
from bot.slack.wsgi import Pages, WsgiApp
from domain.errors import ConfigError

log = logging.getLogger(__name__)

_LOOP_SECONDS = 1.0
_MARK_SECONDS = 10.0


def run_http(
    bot: Runs,
    signing_secret: str,
    stop: Event,
    *,
    host: str = "127.0.0.1",
    port: int = 3000,
    check: Callable[[], None] = lambda: None,
    pages: Pages | None = None,
    ready: Callable[[int], None] = lambda _: None,
    grace: float = GRACE,
    mark: Callable[[], None] = lambda: None,
) -> None:
    """Serves POST /slack/events, GET /health and GET /ready until ``stop``.

    ``check`` raises Phi3Error while questions cannot be accepted; /ready uses it. ``pages`` are
    those of an installation. ``ready`` is called with the port, ``mark`` every few seconds.
    Raises ConfigError if there is no signing secret, or if the port cannot be used.
    """
    if not signing_secret.strip():
        raise ConfigError("SLACK_SIGNING_SECRET is not set: without it anyone could pose as Slack.")
    app = WsgiApp(bot.app, signing_secret, check, pages)
    with ExitStack() as server:
        bound = server.enter_context(serving(app, stop, host, port))
        try:
            ready(bound)
            log.info("The bot listens at http://%s:%s/slack/events.", host, bound)
            keep_running(bot, stop, lambda: None, _MARK_SECONDS, mark)
        finally:
            server.close()
            end(bot, grace)


@contextmanager
def serving(app: WSGIApplication, stop: Event, host: str, port: int) -> Iterator[int]:
    """Serves ``app`` during the block; gives the port. Sets ``stop`` at the end, or if it fails.

    Raises ConfigError if the port cannot be used.
    """
    # It would log a warning for each request that waits, which is normal with many requests.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sockets: dict[int, object] = {}
    with listening(host, port) as listener:
        server = BoundedServer(app, listener, sockets)

        def serve() -> None:
            try:
                while not stop.is_set():
                    wasyncore.loop(timeout=_LOOP_SECONDS, use_poll=True, map=sockets, count=1)
            finally:
                stop.set()

        # A separate thread serves the connections, so that nothing else delays them.
        thread = Thread(target=serve, name="http")
        thread.start()
        try:
            yield server.port
        finally:
            stop.set()
            server.pull_trigger()
            thread.join()
            server.end()
            wasyncore.close_all(sockets)
