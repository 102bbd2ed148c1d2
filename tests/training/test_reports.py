"""What the database says of a night and of those before it stands in the night's report."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.adapters import Adapter, AdapterState, Evaluation, Order, Outcome, Score, TrainingRun
from domain.came_in import CameIn
from domain.trials import TrialEnd
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.database import Database
from records.runs import Runs
from tests.records.databases import migrated_sqlite
from tests.records.test_trials import asked
from tests.training.makers import NOW, down, rated, up
from tests.training.nights import keep, nights
from training.report.data import Findings
from training.report.nights import Fate
from training.report.reports import Reports

SCORE = Score(0.5, 0.5, 0.4, 0.8, 0.1, 30.0)
EVALUATION = Evaluation(
    questions=40,
    live=SCORE,
    candidate=replace(SCORE, agreement=0.6),
    low=0.01,
    high=0.09,
    sure=0.96,
    passed=True,
    reason="better",
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    url = migrated_sqlite(tmp_path / "phi3.db", tmp_path / "template.db")
    with closing(Database(url)) as database:
        yield database


def night(db: Database, n: int, outcome: Outcome) -> TrainingRun:
    """A night that ended; its adapter is trained, if it compared one."""
    at = NOW + timedelta(days=n)
    run = Runs(db).begin(f"night-{n}", at)
    run = replace(run, outcome=outcome, finished_at=at)
    if outcome not in (Outcome.SKIPPED, Outcome.FAILED):
        run = replace(run, adapter=run.id, evaluation=EVALUATION)
        Adapters(db).add(Adapter(run.id, "t", "/a", "0", AdapterState.TRAINED, run.id, at))
    Runs(db).finish(run)
    return run


def test_each_night_is_shown_by_what_became_of_its_adapter_up_to_now(db: Database) -> None:
    changes = AdapterChanges(db, lambda _: None)
    outcomes = [Outcome.PROMOTED, Outcome.REJECTED, Outcome.SKIPPED, Outcome.FAILED]
    for n, outcome in enumerate([*outcomes, Outcome.PROMOTED, Outcome.PROMOTED]):
        run = night(db, n, outcome)
        if outcome is Outcome.PROMOTED:
            changes.promote(run.id, Order("me", NOW + timedelta(days=n), f"{n}"))
        if outcome is Outcome.REJECTED:
            Adapters(db).reject(run.id)
    changes.rollback(Order("me", NOW + timedelta(days=7), "back"))

    found = nights(db).until(night(db, 9, Outcome.SKIPPED))
    assert [one.fate for one in found] == [
        *(Fate.WAS_LIVE, Fate.REJECTED, Fate.SKIPPED, Fate.FAILED, Fate.LIVE, Fate.ROLLED_BACK),
        Fate.SKIPPED,
    ]
    assert [one.run for one in found] == [f"night-{n}" for n in (0, 1, 2, 3, 4, 5, 9)]
    assert (found[0].live, found[0].candidate, found[2].live) == (0.5, 0.6, None)


def test_trial_that_a_night_of_another_base_model_stopped_is_no_rollback(db: Database) -> None:
    changes = AdapterChanges(db, lambda _: None)
    asked(db, "1", None, NOW)
    run = night(db, 0, Outcome.PROMOTED)
    changes.promote_by_night(run.id, Order("night", NOW, "1"), 0.2)
    changes.end_trial(run.id, TrialEnd.STOPPED, "Another base.", NOW + timedelta(days=1))
    found = nights(db).until(night(db, 9, Outcome.SKIPPED))
    assert found[0].fate is Fate.STOPPED


def test_night_counts_what_came_in_since_the_one_before(db: Database) -> None:
    keep(
        db,
        [
            rated(1, up("U1"), down("U2", correction="in the shed")),
            rated(2, up("U1")),
            rated(3, down("U3")),
        ],
    )
    later = night(db, 1, Outcome.SKIPPED)
    assert nights(db).came_in(later) == CameIn(
        None, questions=3, answered=3, up=2, down=2, corrections=1, raters=3
    )
    keep(db, [rated(60 * 24 + 5, up("U1", minutes=60 * 24 + 6))])
    failed = night(db, 2, Outcome.FAILED)
    assert nights(db).came_in(failed).questions == 1
    # What a failed night had read counts again in the next one.
    next_one = night(db, 3, Outcome.SKIPPED)
    assert nights(db).came_in(next_one) == CameIn(
        later.started_at, questions=1, answered=1, up=1, raters=1
    )


def test_night_without_findings_has_a_page_that_says_why(db: Database, tmp_path: Path) -> None:
    reports = Reports(tmp_path / "nights", nights(db))
    failed = replace(night(db, 1, Outcome.FAILED), reason="The server is gone.")
    told = reports.write(failed, Findings())
    assert "The server is gone." in (Path(told.report) / "report.html").read_text()
    (row,) = json.loads((Path(told.report) / "report.json").read_text())["nights"]
    assert row["fate"] == Fate.FAILED


def test_report_that_cannot_be_written_fails_no_night(db: Database, tmp_path: Path) -> None:
    (tmp_path / "nights").write_text("a file where the folder should be")
    run = night(db, 1, Outcome.SKIPPED)
    assert Reports(tmp_path / "nights", nights(db)).write(run, Findings()) == run
