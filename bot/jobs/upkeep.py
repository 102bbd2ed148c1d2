"""The bot's regular work: it renews its leases, takes the due jobs, adds jobs for collections and
for nights that ended, decides which ratings count, and whether they end an adapter's trial, and
looks whether questions are answered at all.

Each runs in its own thread, so that no listener waits for the database or for Slack.
"""

import logging
from collections.abc import Callable
from threading import Event

from bot.cards.narrowing import Narrowing
from bot.gaps.build import GapParts
from bot.ingest.refreshing import Refreshing
from bot.jobs.leases import Leases
from bot.jobs.runner import Runner
from bot.jobs.workers import Workers
from bot.nights.judging import Judging
from bot.nights.reporting import Reporting
from bot.outages import Outages
from bot.questions.asking_again import AskingAgain
from bot.ratings.counting import Counting
from domain.errors import RecordsError

log = logging.getLogger(__name__)

_NOT_SOON = 300.0
"""Seconds between two times that questions are added to be asked again."""

_A_MINUTE = 60.0
_QUARTER = 900.0
"""Seconds between two looks whether channels are still public, or documents are doubted."""


class Upkeep:
    """Can be started once."""

    def __init__(
        self,
        runner: Runner,
        leases: Leases,
        refreshing: Refreshing,
        counting: Counting | None = None,
        asking_again: AskingAgain | None = None,
        gaps: GapParts | None = None,
        reporting: Reporting | None = None,
        narrowing: Narrowing | None = None,
        judging: Judging | None = None,
        outages: Outages | None = None,
    ) -> None:
        lease = leases.length.total_seconds()
        # A renewal that failed is repeated soon: the lease could end before the next regular one.
        self._renewing = Repeated("leases", leases.renew, lease / 3, after_error=lease / 30)
        soon = lease / 10
        self._resuming = Repeated("resume", runner.resume, soon, after_error=soon)
        self._others = [Repeated("collections", refreshing.add_due, soon, after_error=soon)]
        if counting:
            decide = counting.decide_waiting
            self._others.append(Repeated("ratings", decide, soon, after_error=soon))
        if reporting:
            self._others.append(Repeated("nights", reporting.look, soon, after_error=soon))
        if judging:
            self._others.append(Repeated("trial", judging.look, soon, after_error=soon))
        if asking_again:
            add = asking_again.add_due
            self._others.append(Repeated("again", add, _NOT_SOON, after_error=_NOT_SOON))
        if gaps:
            for name, work in (("digest", gaps.digest.add_due), ("gaps", gaps.closing.close_read)):
                self._others.append(Repeated(name, work, _A_MINUTE, after_error=soon))
            tell = gaps.owners.add_due
            self._others.append(Repeated("owners", tell, _QUARTER, after_error=_A_MINUTE))
        if narrowing:
            narrow = narrowing.narrow
            self._others.append(Repeated("cards", narrow, _QUARTER, after_error=_A_MINUTE))
        if outages:
            self._others.append(Repeated("outages", outages.look, _A_MINUTE, after_error=_A_MINUTE))

    def start(self) -> None:
        self._renewing.start()
        self._resuming.start()
        for each in self._others:
            each.start()

    def take_no_more(self) -> None:
        """Jobs that are being done are still held."""
        for each in self._others:
            each.stop()
        self._resuming.stop()

    def stop(self) -> None:
        self.take_no_more()
        self._renewing.stop()


class Repeated:
    """Calls ``work`` at once and then every ``pause`` seconds, and ``after_error`` after an error.

    No error ends that. Each is logged once, not again while it stays the same.
    """

    def __init__(
        self, name: str, work: Callable[[], object], pause: float, *, after_error: float
    ) -> None:
        self._name = name
        self._work = work
        self._pause = pause
        self._after_error = after_error
        self._stop = Event()
        self._worker = Workers(name, 1)
        self._logged = ""

    def start(self) -> None:
        self._worker.submit(self._turn, self._failed)

    def stop(self) -> None:
        self._stop.set()
        self._worker.close(0)

    def _turn(self) -> None:
        self._work()
        self._logged = ""
        self._next(self._pause)

    def _failed(self, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"
        if said != self._logged and isinstance(error, RecordsError):
            log.warning("The queue could not be asked (%s): %s", self._name, error)
        elif said != self._logged:
            log.error("The upkeep failed (%s), and goes on", self._name, exc_info=error)
        self._logged = said
        self._next(self._after_error)

    def _next(self, pause: float) -> None:
        if not self._stop.wait(pause):
            self.start()
