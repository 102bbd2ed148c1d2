"""The figures of the last days, kept for a while: days that are over hardly change."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from threading import Lock
from time import monotonic
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.weeks import DayInNumbers

_TODAY_SECONDS, _BEFORE_SECONDS = 10.0, 600.0


class Days(Protocol):
    """`records.days.Days`."""

    def of(self, since: datetime, until: datetime) -> DayInNumbers: ...


class DayFigures:
    """Several threads may use it. A day begins at midnight in ``zone``."""

    def __init__(self, days: Days, zone: str) -> None:
        self._days = days
        self._zone = ZoneInfo(zone)
        self._known: dict[datetime, tuple[float, DayInNumbers]] = {}
        self._lock = Lock()

    def last(self, count: int, now: datetime) -> list[DayInNumbers]:
        """Today and the days before, the latest first. Raises DatabaseUnavailable."""
        today = now.astimezone(self._zone).date()
        begins = [
            datetime.combine(today - timedelta(days=n), time(), self._zone).astimezone(UTC)
            for n in range(-1, count)
        ]
        with self._lock:
            found = [
                self._of(since, until, _BEFORE_SECONDS if n else _TODAY_SECONDS)
                for n, (until, since) in enumerate(pairwise(begins))
            ]
            self._known = {one.begins: self._known[one.begins] for one in found}
        return found

    def _of(self, since: datetime, until: datetime, seconds: float) -> DayInNumbers:
        known = self._known.get(since)
        if known is None or known[0] < monotonic() - seconds:
            self._known[since] = known = monotonic(), self._days.of(since, until)
        return known[1]
