"""Keeps to one night at a time, shows that it runs, and closes the run of one that died."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from logging import getLogger
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from domain.adapters import AdapterState, Outcome, TrainingRun
from domain.errors import NotFound, RecordsError, RunInProgress, TrainingFailed

if TYPE_CHECKING:
    from records.adapters import Adapters
    from records.runs import Runs

BEAT = 30.0
"""Seconds between heartbeats; a run is taken for dead after ten minutes without one."""

_VERDICTS = {
    AdapterState.LIVE: Outcome.PROMOTED,
    AdapterState.RETIRED: Outcome.PROMOTED,
    AdapterState.REJECTED: Outcome.REJECTED,
}

_log = getLogger(__name__)


@contextmanager
def only_night(folder: Path, runs: "Runs", adapters: "Adapters", now: datetime) -> Iterator[Path]:
    """Holds this machine's night lock, and closes the run whose process died holding it.

    Yields the file that a run's id is to be written into once it has begun: the next night finds
    it there if this one is killed. Raises RunInProgress.
    """
    folder.mkdir(parents=True, exist_ok=True)
    began = folder / "night.running"
    try:
        # The system gives the lock back when its process ends, however that ends.
        with FileLock(folder / "night.lock", blocking=False):
            _close_dead_run(began, runs, adapters, now)
            yield began
            began.unlink(missing_ok=True)
    except Timeout as e:
        raise RunInProgress("A night is in progress on this machine: wait until it ends.") from e


def _close_dead_run(began: Path, runs: "Runs", adapters: "Adapters", now: datetime) -> None:
    if not began.exists():
        return
    died = began.read_text("utf-8")
    for run in runs.latest():
        if run.id == died and run.outcome is Outcome.RUNNING:
            runs.finish(replace(_ended(run, adapters), finished_at=now))
    began.unlink()


def _ended(run: TrainingRun, adapters: "Adapters") -> TrainingRun:
    """How a run had ended when its process died: the adapter's state tells, if it got so far."""
    made = next((one for one in adapters.all() if one.run_id == run.id), None)
    if made is None or made.state not in _VERDICTS:
        return replace(run, outcome=Outcome.FAILED, reason="It died: its process ended.")
    reason = "Its process ended after the verdict, before the report."
    return replace(run, outcome=_VERDICTS[made.state], adapter=made.name, reason=reason)


class Heartbeat:
    """Records every half a minute that a run is alive, until it is stopped."""

    def __init__(self, runs: "Runs", run: TrainingRun) -> None:
        self._runs = runs
        self._run = run
        self._stopped = Event()
        self._lost = Event()

    def check(self) -> None:
        """Raises TrainingFailed where the run was taken for dead: another may be running."""
        if self._lost.is_set():
            raise TrainingFailed("The run was taken for dead, since its heartbeats were not heard.")

    def beat_until_stopped(self) -> None:
        while not self._stopped.wait(BEAT):
            try:
                self._runs.heartbeat(self._run.id, datetime.now(UTC))
            except NotFound:
                self._lost.set()
                return
            except RecordsError as e:
                _log.warning("A heartbeat was not recorded: %s", e)

    def stop(self) -> None:
        self._stopped.set()


@contextmanager
def heartbeat(runs: "Runs", run: TrainingRun) -> Iterator[Heartbeat]:
    """A heartbeat in a thread of its own."""
    heart = Heartbeat(runs, run)
    thread = Thread(target=heart.beat_until_stopped, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield heart
    finally:
        heart.stop()
        thread.join()
