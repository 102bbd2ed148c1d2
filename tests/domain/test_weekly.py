from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.weekly import Weekly

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
WEEKLY = st.builds(Weekly, st.integers(0, 6), st.times().map(lambda at: at.replace(fold=0)))


def test_monday_morning_in_berlin() -> None:
    weekly = Weekly(0, time(9, 0))
    assert str(weekly) == "Mon 09:00"
    before = datetime(2026, 3, 30, 6, 59, tzinfo=UTC)
    assert weekly.latest(before, "Europe/Berlin") == datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
    assert weekly.latest(before + timedelta(minutes=1), "Europe/Berlin") == datetime(
        2026, 3, 30, 7, 0, tzinfo=UTC
    )


@given(WEEKLY, ZONES, st.integers(0, 10 * 366 * 24 * 60))
def test_it_was_in_the_last_week_on_that_day(weekly: Weekly, zone: str, minutes: int) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    last = weekly.latest(now, zone)
    assert last <= now < last + timedelta(days=7, hours=2)
    assert weekly.latest(last, zone) == last
    # A time that a change of clocks leaves out is another one that day.
    local = last.astimezone(ZoneInfo(zone))
    assert abs((local.weekday() - weekly.day + 3) % 7 - 3) <= 1
