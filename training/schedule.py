"""Starts each night at its time, also after a restart: the schedule is stored in the database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from logging import WARNING, getLogger
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from records.database import describe, open_engine
from records.failures import translated

JOB = "night"

MARK_SECONDS = 10
_MARKS = "marks"

MISFIRE_GRACE = timedelta(hours=6)
"""A night that was missed because nothing ran is still started this long after its time."""


class NightTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires once on each local date, at a local time.

    APScheduler's CronTrigger fires twice on the date on which the clock goes back over its time
    (measured with 3.11: 02:00 in Europe/Berlin), and if it is asked again within that hour it never
    moves past it. On the date on which the clock skips the time, the night starts one hour later by
    the clock: 02:30 becomes 03:30.
    """

    def __init__(self, at: time, zone: str) -> None:
        self.at, self.zone = at, zone

    def __str__(self) -> str:
        return f"each night at {self.at:%H:%M} in {self.zone}"

    def __getstate__(self) -> dict[str, Any]:
        return {"at": self.at, "zone": self.zone}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.at, self.zone = state["at"], state["zone"]

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The night on the local date after the previous night, or the first one from ``now``."""
        zone = ZoneInfo(self.zone)
        if previous_fire_time is not None:
            return self._on(previous_fire_time.astimezone(zone).date() + timedelta(days=1))
        today = now.astimezone(zone).date()
        night = self._on(today)
        return night if night >= now else self._on(today + timedelta(days=1))

    def _on(self, day: date) -> datetime:
        """The night's time on ``day``: the first of two, or a later one if the clock skips it."""
        zone = ZoneInfo(self.zone)
        return datetime.combine(day, self.at, zone).astimezone(UTC).astimezone(zone)


def run_schedule(
    database_url: str, job: str, at: time, zone: str, mark: Callable[[], None] = lambda: None
) -> None:
    """Runs ``job`` each night at the local time ``at`` of ``zone``, until it is interrupted.

    ``job`` is a function's path, ``package.module:function``. The database stores the path, so that
    a scheduler that starts later runs the same function. A night that fails is logged, and the next
    one runs all the same. The scheduler itself calls ``mark`` every few seconds, also in a night.
    Raises DatabaseUnavailable.
    """
    scheduler = BlockingScheduler(timezone=ZoneInfo(zone))
    with translated(describe(database_url)):
        prepare(scheduler, database_url, job, at, zone)
        _call_often(scheduler, mark)
        try:
            scheduler.start()
        except KeyboardInterrupt:
            scheduler.shutdown(wait=False)


def prepare(scheduler: BaseScheduler, database_url: str, job: str, at: time, zone: str) -> None:
    """Stores the job; call it before ``scheduler`` starts.

    If the same job is already stored with the same times, it keeps the time of its next run, so
    that a night that was missed while nothing ran is run late.
    """
    store = SQLAlchemyJobStore(engine=open_engine(database_url))
    store.start(scheduler, "default")
    trigger = NightTrigger(at, zone)
    options: dict[str, Any] = {
        "id": JOB,
        "name": JOB,
        "coalesce": True,
        "max_instances": 1,
        "misfire_grace_time": int(MISFIRE_GRACE.total_seconds()),
    }
    if (kept := _kept(store, trigger)) is not None:
        options["next_run_time"] = kept
    scheduler.add_executor(ThreadPoolExecutor(1))
    scheduler.add_jobstore(store)
    scheduler.add_job(job, trigger, replace_existing=True, **options)


def _call_often(scheduler: BaseScheduler, mark: Callable[[], None]) -> None:
    """Lets ``mark`` be called by a job that no database stores, in a thread of its own."""
    getLogger(f"apscheduler.executors.{_MARKS}").setLevel(WARNING)  # it logs each call
    scheduler.add_executor(ThreadPoolExecutor(1), _MARKS)
    scheduler.add_jobstore(MemoryJobStore(), _MARKS)
    scheduler.add_job(
        mark,
        "interval",
        seconds=MARK_SECONDS,
        next_run_time=datetime.now(UTC),
        id=_MARKS,
        jobstore=_MARKS,
        executor=_MARKS,
        coalesce=True,
        misfire_grace_time=None,
    )


def _kept(store: SQLAlchemyJobStore, trigger: NightTrigger) -> datetime | None:
    """When the stored job runs next; None if there is none with the times of ``trigger``."""
    try:
        known = store.lookup_job(JOB)
    except LookupError:  # the function that it names no longer exists
        return None
    if known is None or str(known.trigger) != str(trigger):
        return None
    next_run: datetime | None = known.next_run_time
    return next_run
