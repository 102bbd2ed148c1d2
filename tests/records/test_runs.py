import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.adapters import Outcome, TrainingRun
from domain.errors import NotFound, RecordsError, RunInProgress
from records.database import Database
from records.runs import SILENCE, Runs
from tests.records.makers import NOW, finished, later


@pytest.fixture
def runs(db: Database) -> Runs:
    return Runs(db)


def test_run_begins_running(runs: Runs) -> None:
    run = runs.begin("run-1", NOW)
    assert run == TrainingRun("run-1", Outcome.RUNNING, NOW, NOW)
    assert runs.latest() == [run]


def test_finished_run_keeps_its_evaluation(runs: Runs) -> None:
    done = finished(runs.begin("run-1", NOW))
    runs.finish(done)
    assert runs.latest() == [done]


def test_night_of_an_earlier_version_is_read_with_what_it_compared(
    runs: Runs, db: Database
) -> None:
    runs.finish(finished(runs.begin("run-1", NOW)))
    with db.session() as connection:
        kept = connection.execute(text("SELECT evaluation FROM training_runs")).scalar_one()
        old = json.loads(kept) if isinstance(kept, str) else kept
        for fields in (old, old["live"], old["candidate"]):
            fields.pop("sure", None)
            fields.pop("agreement", None)
        connection.execute(
            text("UPDATE training_runs SET evaluation = :old"), {"old": json.dumps(old)}
        )

    (run,) = runs.latest()
    assert run.evaluation is not None
    assert (run.evaluation.live.agreement, run.evaluation.sure) == (0.5, 1.0)


def test_second_run_is_refused_while_one_is_alive(runs: Runs) -> None:
    run = runs.begin("run-1", NOW)
    runs.heartbeat("run-1", later(55))
    with pytest.raises(RunInProgress, match="run-1 is in progress since 2026-03-29 01:30 UTC"):
        runs.begin("run-2", later(60))
    assert runs.latest() == [replace(run, heartbeat_at=later(55))]


def test_run_that_died_is_closed_and_the_next_begins(runs: Runs) -> None:
    runs.begin("run-1", NOW)
    beginning = NOW + SILENCE + timedelta(seconds=1)
    begun = runs.begin("run-2", beginning)
    latest, dead = runs.latest()
    assert latest == begun
    assert (dead.outcome, dead.finished_at) == (Outcome.FAILED, beginning)
    assert "died" in dead.reason


def test_run_that_was_closed_as_dead_gets_an_error_at_its_next_heartbeat(runs: Runs) -> None:
    runs.begin("run-1", NOW)
    runs.begin("run-2", later(11))
    with pytest.raises(NotFound, match="closed as dead"):
        runs.heartbeat("run-1", later(12))


def test_run_that_is_begun_again_continues(runs: Runs) -> None:
    run = runs.begin("run-1", NOW)
    assert runs.begin("run-1", later(1)) == run
    assert runs.latest() == [run]


def test_id_of_an_ended_run_is_refused(runs: Runs) -> None:
    runs.finish(finished(runs.begin("run-1", NOW)))
    with pytest.raises(RecordsError, match="new id"):
        runs.begin("run-1", later(60))


def test_finishing_an_unknown_run_is_an_error(runs: Runs) -> None:
    with pytest.raises(NotFound):
        runs.finish(TrainingRun("run-9", Outcome.FAILED, NOW, NOW))


def test_latest_runs_come_newest_first(runs: Runs) -> None:
    for n in range(3):
        runs.finish(finished(runs.begin(f"run-{n}", later(n)), Outcome.SKIPPED))
    assert [run.id for run in runs.latest(2)] == ["run-2", "run-1"]


def test_one_of_many_runs_that_begin_at_once_does(runs: Runs) -> None:
    runs.begin("dead", NOW - timedelta(hours=1))

    def begin(n: int) -> str | None:
        try:
            return runs.begin(f"run-{n}", NOW).id
        except RunInProgress:
            return None

    with ThreadPoolExecutor(8) as pool:
        begun = [run_id for run_id in pool.map(begin, range(8)) if run_id]
    running = [run.id for run in runs.latest() if run.outcome is Outcome.RUNNING]
    assert running == begun
    assert len(begun) == 1
