"""Lets the requests of Slack go before other work: Slack waits three seconds for each.

Threads of one process compute by turns, so that many answers at once would delay the
acknowledgement of the events that arrive meanwhile.
"""

from threading import Condition
from time import monotonic

_LONGEST = 0.5
"""Seconds that a piece of work waits, so that it also goes on while events arrive all the time."""


class Arrivals:
    """Counts the requests that are being handled, as a context manager."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._open = 0

    def __enter__(self) -> None:
        with self._changed:
            self._open += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._open -= 1
            if not self._open:
                self._changed.notify_all()

    def count(self) -> int:
        """How many requests are being handled."""
        return self._open

    def let_pass(self) -> None:
        """Waits until no request is being handled, but not for long."""
        ends = monotonic() + _LONGEST
        with self._changed:
            while self._open and (left := ends - monotonic()) > 0:
                self._changed.wait(left)
