"""A time that comes once a week."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Weekly:
    """A local time on a day of the week; Monday is 0."""

    day: int
    at: time

    def __str__(self) -> str:
        return f"{DAYS[self.day]} {self.at:%H:%M}"

    def latest(self, now: datetime, zone: str) -> datetime:
        """When it was last, in UTC; ``now`` counts too. ``zone`` is the name of a time zone."""
        local = now.astimezone(ZoneInfo(zone))
        back = timedelta(days=(local.weekday() - self.day) % 7)
        last = datetime.combine((local - back).date(), self.at, ZoneInfo(zone))
        if last.astimezone(UTC) > now:
            last = datetime.combine((last - timedelta(days=7)).date(), self.at, ZoneInfo(zone))
        return last.astimezone(UTC)
