"""What both modes of the bot share: waiting for the stop signal, and ending."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Protocol

from bot.slack.wsgi import Receiver

log = logging.getLogger(__name__)

GRACE = 25.0
"""How many seconds running answers may take after the stop signal; Kubernetes kills after 30."""


class Runs(Protocol):
    """A bot, or the bots of several workspaces."""

    @property
    def app(self) -> Receiver:
        """Takes Slack's requests."""
        ...

    def start(self) -> None: ...

    def close(self, grace: float) -> bool: ...


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


def keep_running(
    bot: Runs,
    stop: Event,
    turn: Callable[[], object],
    pause: float,
    mark: Callable[[], None] = lambda: None,
) -> None:
    """Calls ``turn`` and ``mark`` every ``pause`` seconds until ``stop``.

    The bot's threads do its jobs. ``mark`` notes that this loop goes on.
    """
    bot.start()
    while not stop.is_set():
        turn()
        mark()
        stop.wait(pause)


def end(bot: Runs, grace: float) -> None:
    if not bot.close(grace):
        log.warning("Some answers are not finished; the next start takes them.")
