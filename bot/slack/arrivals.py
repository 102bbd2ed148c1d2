"""Lets the requests of Slack go before other work: Slack waits three seconds for each.

Threads of one process compute by turns, so that many answers at once would delay the
acknowledgement of the events that arrive meanwhile.
"""

from threading import Lock
from time import monotonic, sleep

_QUIET = 0.02
"""Seconds without a request after which no other is expected: requests that come together do not
all come at one moment."""

_PAUSE = 0.005
"""Seconds between two looks while requests are being handled."""

_LONGEST = 0.5
"""Seconds that a piece of work waits, so that it also goes on while events arrive all the time."""


class Arrivals:
    """Counts the requests that are being handled, as a context manager."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looking = Lock()
        self._open = 0
        self._last = 0.0

    def __enter__(self) -> None:
        with self._lock:
            self._open += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open -= 1
            self._last = monotonic()

    def count(self) -> int:
        """How many requests are being handled."""
        return self._open

    def let_pass(self) -> None:
        """Waits until no request has been handled for a moment, but not for long.

        One thread looks, and the others wait for it: each that wakes delays the requests too.
        """
        ends = monotonic() + _LONGEST
        with self._looking:
            while (pause := min(self._to_wait(), ends - monotonic())) > 0:
                sleep(pause)

    def _to_wait(self) -> float:
        """The seconds until the next look; 0 or less: nothing comes."""
        return _PAUSE if self._open else self._last + _QUIET - monotonic()
