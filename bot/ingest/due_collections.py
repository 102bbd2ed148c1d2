"""Reads due collections where no bot runs: the same queue and upkeep, without a messenger."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from bot.ingest.collecting import CollectionReader
from bot.ingest.refreshing import LoggedReports, Refreshing
from bot.jobs.leases import LEASE, Leases
from bot.jobs.runner import Runner
from bot.jobs.upkeep import Upkeep
from bot.jobs.workers import Workers
from domain.errors import RecordsError
from domain.jobs import JobKind
from records.jobs import Jobs

log = logging.getLogger(__name__)

_MARK_SECONDS = 10.0

_NO_WORKSPACE = ""
"""Jobs for the bot of a workspace are left to it."""


def read_due_collections(
    reader: CollectionReader,
    jobs: Jobs,
    stop: Event,
    grace: float,
    lease: timedelta = LEASE,
    mark: Callable[[], None] = lambda: None,
) -> None:
    """Reads collections when they are due, one at a time, until ``stop``; calls ``mark`` meanwhile.

    A reading that runs then is interrupted and goes on later; if that takes longer than ``grace``
    seconds, it is not waited for.
    """
    leases = Leases(jobs, lease)
    pools = {JobKind.COLLECTION: Workers("collection", 1)}
    runner = Runner(jobs, leases, _NO_WORKSPACE, pools)
    refreshing = Refreshing(reader.collections, jobs, reader, LoggedReports(), runner)
    upkeep = Upkeep(runner, leases, refreshing)
    upkeep.start()
    while not stop.wait(_MARK_SECONDS):
        mark()
    upkeep.take_no_more()
    runner.take_no_more()
    for workers in runner.workers:
        workers.close(grace)
    try:
        runner.release()
    except RecordsError as error:
        log.warning("Unfinished jobs wait until their leases end: %s", error)
    upkeep.stop()
