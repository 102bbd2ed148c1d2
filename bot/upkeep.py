"""The bot's regular work: it renews its leases, adds jobs for collections, takes the due jobs.

Each runs in its own thread, so that no listener waits for the database or for Slack.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

from bot.leases import Leases
from bot.refreshing import Refreshing
from bot.runner import Runner
from domain.errors import RecordsError

log = logging.getLogger(__name__)


class Upkeep:
    """Can be started once."""

    def __init__(self, runner: Runner, leases: Leases, refreshing: Refreshing) -> None:
        lease = leases.length.total_seconds()
        # A renewal that failed is repeated soon: the lease could end before the next regular one.
        self._renewing = _Repeated("leases", leases.renew, lease / 3, after_error=lease / 30)
        soon = lease / 10
        self._resuming = _Repeated("resume", runner.resume, soon, after_error=soon)
        self._adding = _Repeated("collections", refreshing.add_due, soon, after_error=soon)

    def start(self) -> None:
        self._renewing.start()
        self._resuming.start()
        self._adding.start()

    def take_no_more(self) -> None:
        """Jobs that are being done are still held."""
        self._adding.stop()
        self._resuming.stop()

    def stop(self) -> None:
        self.take_no_more()
        self._renewing.stop()


class _Repeated:
    """Calls ``work`` at once and then every ``pause`` seconds.

    Where the database did not answer, it is called again ``after_error`` seconds later.
    """

    def __init__(
        self, name: str, work: Callable[[], object], pause: float, *, after_error: float
    ) -> None:
        self._work = work
        self._pause = pause
        self._after_error = after_error
        self._stop = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self._pause
            try:
                self._work()
            except RecordsError as error:
                pause = self._after_error
                log.warning("The queue could not be asked (%s): %s", self._thread.name, error)
            self._stop.wait(pause)
