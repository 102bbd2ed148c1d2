"""Runs the bot in HTTP mode: Slack sends its events to a public address of this server."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event

from bot.run import GRACE, Runs, end, keep_running
from bot.slack.http_server import serving
from bot.slack.wsgi import Pages, WsgiApp
from domain.errors import ConfigError

log = logging.getLogger(__name__)

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
    those of an installation. ``ready`` is called with the port. ``mark`` is called before the
    port is opened, since it may hold up all threads at first, and again every few seconds.
    Raises ConfigError if there is no signing secret, or if the port cannot be used.
    """
    if not signing_secret.strip():
        raise ConfigError("SLACK_SIGNING_SECRET is not set: without it anyone could pose as Slack.")
    app = WsgiApp(bot.app, signing_secret, check, pages)
    mark()
    with ExitStack() as server:
        bound = server.enter_context(serving(app, stop, host, port))
        try:
            ready(bound)
            log.info("The bot listens at http://%s:%s/slack/events.", host, bound)
            keep_running(bot, stop, lambda: None, _MARK_SECONDS, mark)
        finally:
            server.close()
            end(bot, grace)
