"""Lets only one night run at a time, records that it is alive, and closes the run of a dead one."""

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
"""Seconds between heartbeats; a run counts as dead after ten minutes without one."""

_VERDICTS = {
    AdapterState.CANARY: Outcome.PROMOTED,
    AdapterState.LIVE: Outcome.PROMOTED,
    AdapterState.RETIRED: Outcome.PROMOTED,
    AdapterState.HELD: Outcome.HELD,
    AdapterState.REJECTED: Outcome.REJECTED,
}

_log = getLogger(__name__)


@contextmanager
def only_night(folder: Path, runs: "Runs", adapters: "Adapters", now: datetime) -> Iterator[Path]:
    """Holds this machine's lock for the night, and closes the run of a process that died with it.

    Yields the file into which the caller writes the run's id when the run has begun. If this
    process is killed, the next night finds the id there. Raises RunInProgress.
    """
    folder.mkdir(parents=True, exist_ok=True)
    began = folder / "night.running"
    try:
        # The operating system releases the lock when the process ends, also when it is killed.
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
            runs.finish(replace(ended(run, adapters), finished_at=now))
    began.unlink()


def ended(run: TrainingRun, adapters: "Adapters") -> TrainingRun:
    """The run as it ended when its process died; its adapter's state shows how far it got.

    Raises DatabaseUnavailable.
    """
    made = next((one for one in adapters.all() if one.run_id == run.id), None)
    if made is None or made.state not in _VERDICTS:
        return replace(run, outcome=Outcome.FAILED, reason="It died: its process ended.")
    reason = "Its process ended after the verdict, before the report."
    return replace(run, outcome=_VERDICTS[made.state], adapter=made.name, reason=reason)


class Heartbeat:
    """Records every 30 seconds that a run is alive, until it is stopped."""

    def __init__(self, runs: "Runs", run: TrainingRun) -> None:
        self._runs = runs
        self._run = run
        self._stopped = Event()
        self._lost = Event()

    def check(self) -> None:
        """Raises TrainingFailed if the run was closed as dead: another one may be running now."""
        if self._lost.is_set():
            raise TrainingFailed("The run was closed as dead, since no heartbeat was recorded.")

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
def start_heartbeat(runs: "Runs", run: TrainingRun) -> Iterator[Heartbeat]:
    """Runs a heartbeat in its own thread."""
    heartbeat = Heartbeat(runs, run)
    thread = Thread(target=heartbeat.beat_until_stopped, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield heartbeat
    finally:
        heartbeat.stop()
        thread.join()
