"""What both ways to run the bot share: until when it runs, what it does meanwhile, how it ends."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from time import monotonic

from bot.app import Bot
from domain.errors import RecordsError

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


def end(bot: Bot, grace: float) -> None:
    with suppress(RecordsError):  # then another process may answer, too
        bot.asking.keep_hold()
    if not bot.close(grace):
        log.warning("Some answers are not finished; the next start takes them up.")
