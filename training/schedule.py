"""Begins each night at its time, also after a restart: the schedule is a row in the database."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from records.database import describe, open_engine
from records.failures import translated

JOB = "night"

MISFIRE_GRACE = timedelta(hours=6)
"""A night that was missed, the machine being off, is begun as late as this."""


def run_schedule(database_url: str, job: str, at: time, zone: str) -> None:
    """Runs ``job`` each night at the local time ``at`` of ``zone``, and never returns by itself.

    ``job`` is a function's path, ``package.module:function``: the database keeps that, so a
    scheduler started later runs the same. A failed night is logged, and the next one comes.
    Raises DatabaseUnavailable.
    """
    scheduler = BlockingScheduler(timezone=ZoneInfo(zone))
    with translated(describe(database_url)):
        prepare(scheduler, database_url, job, at, zone)
        try:
            scheduler.start()
        except KeyboardInterrupt:
            scheduler.shutdown(wait=False)


def prepare(scheduler: BaseScheduler, database_url: str, job: str, at: time, zone: str) -> None:
    """Puts the one job into the scheduler's store, before ``scheduler`` starts.

    A job already there with the same times keeps the time of its next run, so that a night that
    was missed while nothing ran is made up for.
    """
    store = SQLAlchemyJobStore(engine=open_engine(database_url))
    store.start(scheduler, "default")
    trigger = CronTrigger(hour=at.hour, minute=at.minute, second=at.second, timezone=zone)
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


def _kept(store: SQLAlchemyJobStore, trigger: CronTrigger) -> datetime | None:
    """When the stored job runs next, if its times are those of ``trigger``."""
    try:
        known = store.lookup_job(JOB)
    except LookupError:  # the function that it names is gone
        return None
    if known is None or (str(known.trigger), str(known.trigger.timezone)) != (
        str(trigger),
        str(trigger.timezone),
    ):
        return None
    next_run: datetime | None = known.next_run_time
    return next_run
