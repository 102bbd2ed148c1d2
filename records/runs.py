"""The training runs: which one is running, and how each ended."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update

from domain.adapters import Outcome, TrainingRun
from domain.errors import NotFound, RecordsError, RunInProgress
from records.database import Database
from records.rows import columns, every, first, insert, values
from records.tables import RUNNING, training_runs

SILENCE = timedelta(minutes=10)
"""A running run whose last heartbeat is older than this is dead."""

_RUN = columns(training_runs, TrainingRun)


class Runs:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, run_id: str, at: datetime) -> TrainingRun:
        """Starts a run, and closes a dead one as failed. Raises RunInProgress if another is alive.

        If several begin at once, one of them does. Beginning the same run again does nothing: the
        first call may have succeeded although its response was lost. Raises RecordsError for the id
        of an ended run.
        """
        run = TrainingRun(run_id, Outcome.RUNNING, started_at=at, heartbeat_at=at)
        with self._db.session() as connection:
            _close_dead_run(connection, at)
            statement = insert(connection, training_runs).values(values(run))
            begun = statement.on_conflict_do_nothing().returning(training_runs.c.id)
            if connection.execute(begun).scalar():
                return run
            running = _running(connection)
        if running is None:
            raise RecordsError(f"The run {run_id} has ended; a new run needs a new id.")
        if running.id == run_id:
            return running
        raise RunInProgress(
            f"The run {running.id} is in progress since {running.started_at:%Y-%m-%d %H:%M} UTC: "
            "wait until it ends."
        )

    def heartbeat(self, run_id: str, at: datetime) -> None:
        """Records that the run is alive. Raises NotFound if it is not, or no longer, running.

        In that case the run must stop: it was closed as dead, and another one may be running.
        """
        with self._db.session() as connection:
            statement = update(training_runs).where(training_runs.c.id == run_id, RUNNING)
            if not connection.execute(statement.values(heartbeat_at=at)).rowcount:
                raise NotFound(f"No run {run_id} is running: it ended, or was closed as dead.")

    def finish(self, run: TrainingRun) -> None:
        """Replaces the row of ``run.id``. Raises NotFound if the run never began."""
        with self._db.session() as connection:
            statement = update(training_runs).where(training_runs.c.id == run.id)
            if not connection.execute(statement.values(values(run))).rowcount:
                raise NotFound(f"There is no run {run.id}.")

    def moved(self, reports: Mapping[str, str]) -> None:
        """Keeps where the reports of runs are now, by the runs' ids."""
        with self._db.session() as connection:
            for run_id, report in reports.items():
                statement = update(training_runs).where(training_runs.c.id == run_id)
                connection.execute(statement.values(report=report))

    def reports(self) -> dict[str, str]:
        """Where the reports are, by the runs' ids; runs without one are missing."""
        query = select(training_runs.c.id, training_runs.c.report)
        with self._db.reading() as connection:
            rows = connection.execute(query.where(training_runs.c.report != ""))
            return {row.id: row.report for row in rows}

    def find(self, run_id: str) -> TrainingRun | None:
        query = select(*_RUN).where(training_runs.c.id == run_id)
        with self._db.reading() as connection:
            return first(connection, TrainingRun, query)

    def running(self, at: datetime | None = None) -> TrainingRun | None:
        """The run that is running; None if there is none, or if its heartbeat has stopped."""
        with self._db.reading() as connection:
            run = _running(connection)
        alive = run is not None and run.heartbeat_at >= (at or datetime.now(UTC)) - SILENCE
        return run if alive else None

    def latest(self, limit: int = 20) -> list[TrainingRun]:
        """Newest first."""
        query = (
            select(*_RUN)
            .order_by(training_runs.c.started_at.desc(), training_runs.c.id.desc())
            .limit(limit)
        )
        with self._db.reading() as connection:
            return every(connection, TrainingRun, query)


def _close_dead_run(connection: Connection, at: datetime) -> None:
    """Closes the running run as failed if it has recorded no heartbeat for too long."""
    connection.execute(
        update(training_runs)
        .where(RUNNING, training_runs.c.heartbeat_at < at - SILENCE)
        .values(outcome=Outcome.FAILED, reason="It died: its heartbeat stopped.", finished_at=at)
    )


def _running(connection: Connection) -> TrainingRun | None:
    query = select(*_RUN).where(RUNNING)
    return first(connection, TrainingRun, query)
