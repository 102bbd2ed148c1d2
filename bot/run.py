"""What both ways to run the bot share: until when it runs, what it does meanwhile, how it ends."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from bot.app import Bot

log = logging.getLogger(__name__)

GRACE = 25.0
"""Seconds that running answers get once the bot is told to stop; Kubernetes kills after 30."""


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


def keep_running(bot: Bot, stop: Event, turn: Callable[[], object], pause: float) -> None:
    """Calls ``turn`` every ``pause`` seconds, while the bot's own threads do its jobs."""
    bot.start()
    while not stop.is_set():
        turn()
        stop.wait(pause)


def end(bot: Bot, grace: float) -> None:
    if not bot.close(grace):
        log.warning("Some answers are not finished; the next start takes them.")
