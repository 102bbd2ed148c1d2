import subprocess
import sys
import time as clock
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from signal import SIGTERM
from zoneinfo import ZoneInfo

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from domain.errors import DatabaseUnavailable
from records.database import open_engine
from tests.records.databases import migrated_sqlite
from training.schedule import JOB, MISFIRE_GRACE, NightTrigger, prepare, run_schedule

BERLIN = "Europe/Berlin"
NAMED = "tests.training.test_schedule:night"
_RAN: list[datetime] = []


def night() -> None:
    """The job. It is at module level, so that the database can store its path."""
    _RAN.append(datetime.now(UTC))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return migrated_sqlite(tmp_path / "phi3.db", tmp_path / "template.db")


def started(url: str, at: time, zone: str = BERLIN, *, paused: bool = True) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(timezone=ZoneInfo(zone))
    prepare(scheduler, url, NAMED, at, zone)
    scheduler.start(paused=paused)
    return scheduler


def test_night_is_scheduled_at_the_local_time(url: str) -> None:
    scheduler = started(url, time(4, 30))  # which no change of the clocks skips
    [job] = scheduler.get_jobs()
    scheduler.shutdown()
    local = job.next_run_time.astimezone(ZoneInfo(BERLIN))
    assert (job.id, local.hour, local.minute) == (JOB, 4, 30)
    assert (job.coalesce, job.max_instances) == (True, 1)
    assert job.func is night


def test_restart_keeps_one_job_and_its_next_run(url: str) -> None:
    started(url, time(2, 0)).shutdown()
    missed = miss(url, timedelta(hours=1))
    again = started(url, time(2, 0))
    [job] = again.get_jobs()
    again.shutdown()
    assert job.next_run_time == missed


@pytest.mark.parametrize(("at", "zone"), [(time(3, 0), BERLIN), (time(2, 0), "Asia/Tokyo")])
def test_other_time_or_zone_replaces_the_job(url: str, at: time, zone: str) -> None:
    started(url, time(2, 0)).shutdown()
    scheduler = started(url, at, zone)
    [job] = scheduler.get_jobs()
    scheduler.shutdown()
    local = job.next_run_time.astimezone(ZoneInfo(zone))
    assert local.hour == at.hour


@pytest.mark.parametrize(
    ("missed_by", "runs"), [(timedelta(hours=1), 1), (MISFIRE_GRACE + timedelta(hours=1), 0)]
)
def test_missed_night_is_run_late_once_and_only_within_the_grace_time(
    url: str, missed_by: timedelta, runs: int
) -> None:
    far = datetime.now(ZoneInfo(BERLIN)) + timedelta(hours=12)  # no other night is missed too
    at = time(far.hour, far.minute)
    started(url, at).shutdown()
    miss(url, missed_by)
    _RAN.clear()
    again = started(url, at, paused=False)
    wait_until(lambda: again.get_job(JOB).next_run_time > datetime.now(UTC))
    again.shutdown(wait=True)
    assert len(_RAN) == runs


def test_database_that_does_not_open_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        run_schedule(f"sqlite:///{tmp_path / 'none' / 'phi3.db'}", NAMED, time(2, 0), "UTC")


def test_scheduler_runs_until_it_is_interrupted(url: str) -> None:
    code = (
        "from datetime import time; from training.schedule import run_schedule; "
        f"run_schedule({url!r}, {NAMED!r}, time(2, 0), 'UTC')"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        wait_until(lambda: _stored(url))
        assert process.poll() is None
        process.terminate()
    assert process.returncode == -SIGTERM


ZONES = {
    BERLIN: 2026,
    "America/New_York": 2026,
    "America/Santiago": 2026,  # skips midnight
    "Australia/Lord_Howe": 2026,  # skips half an hour
    "Pacific/Apia": 2011,  # a whole day was skipped
    "UTC": 2026,
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(1, 30), time(2, 0), time(2, 30), time(3, 0)])
def test_a_year_has_one_night_on_each_local_date(at: time, zone: str) -> None:
    trigger, here = NightTrigger(at, zone), ZoneInfo(zone)
    now = datetime(ZONES[zone], 1, 1, 12, tzinfo=UTC)
    nights: list[datetime] = []
    for _ in range(366):
        found = trigger.get_next_fire_time(nights[-1] if nights else None, now)
        assert found is not None
        nights.append(found)
        now = found.astimezone(UTC) + timedelta(milliseconds=1)
    dates = [night.astimezone(here).date() for night in nights]
    assert len(set(dates)) == len(dates)
    gaps = {(after - before).days for before, after in pairwise(dates)}
    assert gaps <= ({1, 2} if zone == "Pacific/Apia" else {1})
    hours = {(night.astimezone(here).hour, night.astimezone(here).minute) for night in nights}
    assert (at.hour, at.minute) in hours
    assert len(hours) <= 2  # the second is the hour of the night whose time was skipped


@pytest.mark.parametrize("minutes", [0, 20, 59, 60, 80, 119, 121])
def test_a_scheduler_restarted_in_the_repeated_hour_runs_no_second_night(
    minutes: int,
) -> None:
    first = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # the first 02:00 in Berlin
    trigger = NightTrigger(time(2, 0), BERLIN)
    now, next_one = first + timedelta(minutes=minutes), datetime(2026, 10, 26, 1, 0, tzinfo=UTC)
    after = trigger.get_next_fire_time(first, now)
    fresh = trigger.get_next_fire_time(None, now)
    assert after is not None
    assert fresh is not None
    assert after.astimezone(UTC) == next_one
    assert fresh.astimezone(UTC) == (first if minutes == 0 else next_one)


def test_a_night_whose_time_is_skipped_begins_an_hour_later_by_the_clock() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    night = NightTrigger(time(2, 30), BERLIN).get_next_fire_time(None, before)
    assert night is not None
    assert f"{night:%F %H:%M}" == "2026-03-29 03:30"


def miss(url: str, by: timedelta) -> datetime:
    """Sets the stored job's next run into the past, as after a time without a scheduler."""
    scheduler = BackgroundScheduler()
    store = SQLAlchemyJobStore(engine=open_engine(url))
    store.start(scheduler, "default")
    job = store.lookup_job(JOB)
    job.next_run_time = missed = datetime.now(UTC) - by
    store.update_job(job)
    store.shutdown()
    return missed


def _stored(url: str) -> bool:
    scheduler = started(url, time(2, 0), "UTC")
    found = scheduler.get_job(JOB) is not None
    scheduler.shutdown()
    return found


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = clock.monotonic() + seconds
    while not true():
        assert clock.monotonic() < deadline, "it did not happen in time"
        clock.sleep(0.05)
