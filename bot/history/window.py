"""Which days of a channel's history are listed, and with which the next listing goes on.

The last days are listed each time. The whole history is listed once a day, since an old message may
have changed without the bot being told. It is listed from the newest day to the oldest, in parts if
it is long; the cursor keeps with which day the next part begins. Days are those of UTC.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

RECENT = timedelta(days=2)
"""How far back every listing goes."""
WHOLE = timedelta(days=1)
"""After this time the whole history is listed again."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The days from ``first`` to ``last``; None means no limit."""

    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        return (not self.first or day >= self.first) and (not self.last or day <= self.last)

    def down_to(self, stopped: date | None) -> "Window | None":
        """The part of it after the day ``stopped``, at which a listing ended; None if none is."""
        if stopped is None:
            return self
        first = stopped + _DAY
        return None if self.last and first > self.last else replace(self, first=first)

    @property
    def oldest(self) -> float:
        """When it begins, in seconds; 0 without a limit."""
        return _begins(self.first) if self.first else 0.0

    @property
    def latest(self) -> float:
        """When it ends, in seconds; 0 without a limit."""
        return _begins(self.last + _DAY) if self.last else 0.0


@dataclass(frozen=True, slots=True)
class Listed:
    """``began`` is when the latest listing of the whole history began, if any did.

    ``next_day`` is where its next part begins; None after the last part.
    """

    began: datetime | None = None
    next_day: date | None = None

    def windows(self, now: datetime) -> list[Window]:
        """What to list now, the newest first."""
        recent = Window(first=(now - RECENT).date())
        if self.next_day:
            assert recent.first
            return [recent, Window(last=min(self.next_day, recent.first - _DAY))]
        return [recent] if self.began and now - self.began < WHOLE else [Window()]

    def after(self, last: Window, stopped: date | None, now: datetime) -> "Listed":
        """What is listed after ``last``, the last one of the windows, up to the day ``stopped``."""
        if last.first:
            return self
        return Listed(self.began if last.last else now, stopped)

    def __str__(self) -> str:
        return json.dumps(
            {
                "began": self.began.isoformat() if self.began else "",
                "next_day": self.next_day.isoformat() if self.next_day else "",
            }
        )


def listed(cursor: str) -> Listed:
    """What ``cursor`` keeps; nothing, if it cannot be read."""
    try:
        fields = json.loads(cursor)
        began, day = fields["began"], fields["next_day"]
        return Listed(
            datetime.fromisoformat(began).astimezone(UTC) if began else None,
            date.fromisoformat(day) if day else None,
        )
    except (ValueError, TypeError, KeyError):
        return Listed()


def _begins(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
