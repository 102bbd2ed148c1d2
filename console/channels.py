"""Which channels of Slack a person can read: as Slack said a few minutes ago, or not at all."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from domain.errors import MessengerError

_FRESH_SECONDS = 300.0
_PATIENCE = 2.0
"""Seconds in which one page asks Slack. What it did not learn by then is not shown yet."""

_MOST = 10_000
"""The most pairs of a person and a channel that are remembered."""

CanRead = Callable[[str, str], bool]
"""Whether a person can read a channel. Raises MessengerError while Slack does not say so."""

EVERYBODY = ""
"""In a person's place: whether all members of the workspace can read it."""


class KnownChannels:
    """Asks Slack about each person and channel at most once in five minutes."""

    def __init__(self, can_read: CanRead, clock: Callable[[], float] = monotonic) -> None:
        self._can_read, self._clock = can_read, clock
        self._lock = Lock()
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    def of(self, person: str) -> Callable[[str], bool]:
        """For one page: whether ``person`` can read a channel; False if that is not known."""
        until, is_silent = self._clock() + _PATIENCE, False

        def can_read(channel: str) -> bool:
            nonlocal is_silent
            asked, known = self._known.get((person, channel), (-_FRESH_SECONDS, False))
            now = self._clock()
            if now - asked < _FRESH_SECONDS:
                return known
            if is_silent or now > until:
                return False
            try:
                found = self._can_read(person, channel)
            except MessengerError:
                is_silent = True  # the other channels of this page would wait for it too
                return False
            self._keep(person, channel, found)
            return found

        return can_read

    def _keep(self, person: str, channel: str, found: bool) -> None:
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[person, channel] = self._clock(), found
