"""Keeps to the rates that Slack allows, over all threads of this process.

Slack allows an app so many calls of a method in a minute, and about one new message a second in a
channel. Each rate is a bucket: it holds a few calls at once and fills up evenly, so that in no
minute more calls are made than Slack allows. (Libraries for this wait, or refuse, but do not let
progress end before what must be shown.)
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic, sleep

from bot.metrics import rate_limited, rate_waited


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` calls at once, and then ``per_minute``; together what Slack allows in a minute.

    Progress is shown only while more than ``reserve`` calls are left.
    """

    burst: float
    per_minute: float
    reserve: float = 0.0


RATES = {
    "chat.startStream": Rate(10, 10),
    "chat.appendStream": Rate(30, 70),
    "chat.update": Rate(20, 30, reserve=10),
    # For each channel.
    "chat.postMessage": Rate(5, 55, reserve=1),
}
_LONGEST_WAIT = 60.0
"""Seconds; after that Slack decides itself."""


@dataclass(slots=True)
class _Bucket:
    rate: Rate
    left: float
    at: float

    def fill(self, now: float) -> None:
        gained = (now - self.at) * self.rate.per_minute / 60
        self.left = min(self.rate.burst, self.left + gained)
        self.at = now

    @property
    def is_full(self) -> bool:
        return self.left >= self.rate.burst


class Rates:
    """``clock`` and ``wait`` are seconds. Methods without a rate are only paused."""

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        wait: Callable[[float], None] = sleep,
    ) -> None:
        self._clock = clock
        self._wait = wait
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._paused: dict[str, float] = {}

    def has_room(self, method: str, channel: str) -> bool:
        """Whether progress may be shown by a call now; that call is counted."""
        with self._lock:
            bucket = self._bucket(method, channel)
            if self._pause(method) > 0 or bucket.left < 1 + bucket.rate.reserve:
                return False
            bucket.left -= 1
            return True

    def wait(self, method: str, channel: str) -> None:
        """Counts a call that must be made, and waits until it is its turn."""
        with self._lock:
            bucket = self._bucket(method, channel)
            bucket.left -= 1
            lacking = max(0.0, -bucket.left) * 60 / bucket.rate.per_minute
            seconds = max(lacking, self._pause(method))
        if seconds > 0:
            waits = min(seconds, _LONGEST_WAIT)
            rate_waited(method, waits)
            self._wait(waits)

    def pause(self, method: str) -> float:
        """The seconds for which Slack said that the method must not be called."""
        with self._lock:
            return self._pause(method)

    def refused(self, method: str, seconds: float) -> None:
        """Slack answered 429 to the method, and said to wait for some seconds."""
        with self._lock:
            ends = self._clock() + seconds
            self._paused[method] = max(ends, self._paused.get(method, 0.0))
        rate_limited(method)

    def _pause(self, method: str) -> float:
        return max(0.0, self._paused.get(method, 0.0) - self._clock())

    def _bucket(self, method: str, channel: str) -> _Bucket:
        name = (method, channel if method == "chat.postMessage" else "")
        now = self._clock()
        if name not in self._buckets:
            rate = RATES[method]
            self._drop_full(now)
            self._buckets[name] = _Bucket(rate, rate.burst, now)
        bucket = self._buckets[name]
        bucket.fill(now)
        return bucket

    def _drop_full(self, now: float) -> None:
        """Forgets the channels in which nothing was posted lately."""
        for bucket in self._buckets.values():
            bucket.fill(now)
        self._buckets = {
            name: bucket for name, bucket in self._buckets.items() if not bucket.is_full
        }
