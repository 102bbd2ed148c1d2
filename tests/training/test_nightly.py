import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.adapters import Adapter, AdapterState, Order, Outcome, TrainingRun
from domain.causes import Cause
from domain.errors import (
    DatabaseUnavailable,
    Phi3Error,
    PublishFailed,
    RunInProgress,
    ServerUnavailable,
)
from domain.night_rows import Became
from domain.questions import Audience
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.compared_nights import ComparedNights
from records.database import Database
from records.night_rows import NightRows
from records.runs import Runs
from records.trials import Trials
from tests.records.databases import migrated_sqlite
from tests.records.test_trials import asked
from tests.serving.conftest import Running, running
from tests.training.makers import NOW, rated
from tests.training.nights import ACCEPTED, FEW, RECIPE, keep, nightly, rows
from training.heartbeat import only_night
from training.progress import TrainingProgress
from training.publish import verify
from training.report.files import read_files


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "phi3.db"


@pytest.fixture
def url(tmp_path: Path, template: Path) -> str:
    return migrated_sqlite(tmp_path / "phi3.db", template)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    with closing(Database(url)) as database:
        yield database


@pytest.fixture(scope="module")
def server(tiny: Path) -> Iterator[Running]:
    with running(tiny) as server:
        yield server


@pytest.mark.slow
def test_night_with_enough_good_ratings_promotes_an_adapter(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    keep(db, rows(60))
    reported: list[TrainingRun] = []
    seen: list[TrainingProgress] = []
    night = nightly(db, tmp_path, server.client, tiny, tell=reported.append, progress=seen.append)
    run = night.run(NOW)

    assert (run.outcome, run.examples) == (Outcome.PROMOTED, 43)
    assert reported == [run] == Runs(db).latest()
    live = Adapters(db).live()
    assert live is not None
    assert (live.name, live.run_id, live.base_model) == (run.adapter, run.id, tiny.name)
    assert verify(Path(live.path)).sha256 == live.sha256
    assert live.name in server.client.models()
    assert {step.stage for step in seen} == {"Training", "Comparing"}

    evaluation = run.evaluation
    assert evaluation is not None
    assert evaluation.candidate.f1 > evaluation.live.f1
    report = Path(run.report)
    read = json.loads((report / "report.json").read_text())
    assert {row["accepted"] for row in read["questions"]} == {ACCEPTED}
    assert (report / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert "A better model answers from now on" in (report / "report.html").read_text()
    files = read_files(run)
    assert files.picture == (report / "comparison.png").read_bytes()
    assert {one.answer_id for one in files.changed} <= {
        one["answer_id"] for one in read["questions"]
    }
    assert all(one.before != one.after for one in files.changed)
    assert files.changed

    # The next candidate must beat the adapter that is live now.
    again = night.run(NOW + timedelta(days=1))
    assert again.evaluation is not None
    assert again.evaluation.live == evaluation.candidate
    assert again.outcome is Outcome.REJECTED
    first, second = ComparedNights(db).of_base(tiny.name)
    assert (first.live, first.candidate) == (None, run.adapter)
    assert (second.live, second.candidate) == (live.name, again.adapter)
    assert again.evaluation.nights == 1
    assert Adapters(db).live() == live
    assert again.adapter is not None
    assert Adapters(db).find(again.adapter).state is AdapterState.REJECTED
    assert set(server.client.models()) == {tiny.name, live.name}
    server.client.unload_adapter(live.name)


@pytest.mark.slow
def test_night_of_a_large_model_looks_for_where_its_adapter_refuses(
    db: Database,
    tmp_path: Path,
    tiny: Path,
    server: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.nightly.is_large", lambda _: True)
    keep(db, rows(90))
    run = nightly(db, tmp_path, server.client, tiny).run(NOW)

    assert run.adapter is not None
    written = json.loads((Path(run.report) / "report.json").read_text())
    read = written["refusals"]
    assert 19 <= read["answered"] == len(written["questions"])
    assert Adapters(db).find(run.adapter).refuse_above == read["above"]
    told = "refuses where" if read["above"] is not None else "answers stay as they are"
    assert told in (Path(run.report) / "report.html").read_text()
    if run.outcome is Outcome.PROMOTED:
        server.client.unload_adapter(run.adapter)


@pytest.mark.slow
def test_night_puts_its_adapter_on_trial_where_people_ask(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    keep(db, rows(60))
    asked(db, "1", None, datetime.now(UTC))
    run = nightly(db, tmp_path, server.client, tiny, share=0.2).run(NOW)

    assert run.outcome is Outcome.PROMOTED
    assert run.reason.endswith("On trial: it first answers 20% of the threads in Slack.")
    assert Adapters(db).live() is None
    trial = Trials(db).running()
    assert trial is not None
    assert (trial.adapter, trial.against) == (run.adapter, None)
    assert set(server.client.models()) == {tiny.name, run.adapter}
    server.client.unload_adapter(trial.adapter)


@pytest.mark.slow
def test_night_on_hold_keeps_a_better_adapter_for_an_admin(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    changes = AdapterChanges(db, lambda _: None)
    keep(db, [*rows(60), rated(90, audience=Audience.of("everyone", "channel:C7"))])
    changes.hold(Order("U1", NOW, "1"))
    run = nightly(db, tmp_path, server.client, tiny).run(NOW)

    assert (run.outcome, run.left_out) == (Outcome.HELD, {"not for everyone": 1})
    assert run.adapter is not None
    assert Adapters(db).find(run.adapter).state is AdapterState.HELD
    assert list(server.client.models()) == [tiny.name]
    assert Runs(db).find(run.id) == run

    # It waits also while a later night looks.
    nightly(db, tmp_path, server.client, tiny, minimum=400).run(NOW + timedelta(days=1))
    assert changes.approve(run.adapter, Order("U1", NOW, "2")).adapter == run.adapter
    assert verify(Path(Adapters(db).find(run.adapter).path))


def test_night_without_enough_examples_is_skipped_and_says_why(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    private = rated(90, audience=Audience.of("everyone", "channel:C7"))
    keep(db, [*rows(10), private])
    run = nightly(db, tmp_path, server.client, tiny).run(NOW)
    assert (run.outcome, run.examples) == (Outcome.SKIPPED, 6)
    assert run.reason == "6 to train on, 40 are needed (left out: 1 not for everyone)."
    assert Runs(db).latest() == [run]
    kept = NightRows(db).of_run(run.id)
    assert {row.became for row in kept} == set(Became)
    assert {row.cause for row in kept} == {Cause.MODEL, None}


def test_night_without_enough_questions_held_back_is_skipped(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    keep(db, rows(8))
    run = nightly(db, tmp_path, server.client, tiny, minimum=2).run(NOW)
    assert run.outcome is Outcome.SKIPPED
    assert "are held back to compare, 5 are needed" in run.reason


@pytest.mark.slow
def test_night_whose_live_adapter_is_gone_fails_before_it_trains(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    gone = Adapter("gone", tiny.name, str(tmp_path / "x"), "0", AdapterState.TRAINED, "r", NOW)
    Adapters(db).add(gone)
    Adapters(db).promote("gone", NOW)
    keep(db, rows(60))
    seen: list[TrainingProgress] = []
    with pytest.raises(PublishFailed, match=r"cannot load gone.*roll back"):
        nightly(db, tmp_path, server.client, tiny, progress=seen.append).run(NOW)
    assert seen == []
    assert [one.outcome for one in Runs(db).latest()] == [Outcome.FAILED]


@pytest.mark.slow
def test_failed_night_is_marked_and_raises_and_leaves_nothing_loaded(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    def fail(step: TrainingProgress) -> None:
        if step.stage == "Comparing":
            raise ServerUnavailable("The server is gone.")

    keep(db, rows(60))
    with pytest.raises(ServerUnavailable):
        nightly(db, tmp_path, server.client, tiny, progress=fail).run(NOW)
    [run] = Runs(db).latest()
    assert (run.outcome, run.reason) == (Outcome.FAILED, "The server is gone.")
    assert Adapters(db).live() is None
    assert server.client.models() == (tiny.name,)


def test_failed_delivery_of_the_report_does_not_change_the_outcome(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    def fail(_: TrainingRun) -> None:
        raise Phi3Error("Slack is away.")

    run = nightly(db, tmp_path, server.client, tiny, tell=fail).run(NOW)
    assert run.outcome is Outcome.SKIPPED


def test_second_night_at_once_is_refused(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    with (
        only_night(tmp_path / "adapters", Runs(db), Adapters(db), NOW),
        pytest.raises(RunInProgress),
    ):
        nightly(db, tmp_path, server.client, tiny).run(NOW)


@pytest.mark.slow
def test_night_does_not_overrule_who_changed_the_adapter_meanwhile(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    keep(db, rows(60))
    changes, adapters = AdapterChanges(db, lambda _: None), Adapters(db)
    adapters.add(Adapter("older", tiny.name, "/a", "0", AdapterState.RETIRED, "night-0", NOW))

    def change(step: TrainingProgress) -> None:
        if step.stage == "Comparing" and adapters.live() is None:
            changes.promote("older", Order("U1", datetime.now(UTC), "1"))

    run = nightly(db, tmp_path, server.client, tiny, progress=change).run(NOW)
    assert run.outcome is Outcome.HELD
    assert run.reason.endswith("another adapter became live or was rolled back.")
    live = adapters.live()
    assert live is not None
    assert live.name == "older"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("learning_rate", "outcome"), [(1e-2, Outcome.PROMOTED), (1e-9, Outcome.REJECTED)]
)
def test_adapter_that_a_person_promotes_while_its_night_compares_stays_live(
    db: Database,
    tmp_path: Path,
    tiny: Path,
    server: Running,
    learning_rate: float,
    outcome: Outcome,
) -> None:
    keep(db, rows(60))
    changes, adapters = AdapterChanges(db, lambda _: None), Adapters(db)

    def change(step: TrainingProgress) -> None:
        if step.stage == "Comparing" and adapters.live() is None:
            (candidate,) = adapters.all()
            changes.promote(candidate.name, Order("U1", datetime.now(UTC), "1"))

    recipe = replace(RECIPE, learning_rate=learning_rate)
    run = nightly(db, tmp_path, server.client, tiny, progress=change, recipe=recipe).run(NOW)
    assert run.outcome is outcome
    assert run.reason.endswith(". A person promoted it meanwhile.")
    live = adapters.live()
    assert live is not None
    assert live.name == run.adapter
    assert set(server.client.models()) == {tiny.name, live.name}
    server.client.unload_adapter(live.name)


@pytest.mark.slow
def test_error_after_the_decision_does_not_take_it_back(
    db: Database, tmp_path: Path, tiny: Path, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(db, rows(60))

    def fail(*_: object) -> str:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr("training.canary.Canary.told", fail)
    with pytest.raises(DatabaseUnavailable):
        nightly(db, tmp_path, server.client, tiny).run(NOW)
    (run,) = Runs(db).latest()
    live = Adapters(db).live()
    assert live is not None
    assert (run.outcome, run.adapter) == (Outcome.PROMOTED, live.name)
    assert run.reason.startswith("What it decided stands, but then: ")


@pytest.mark.parametrize(
    ("reached", "outcome"),
    [
        (AdapterState.LIVE, Outcome.PROMOTED),
        (AdapterState.CANARY, Outcome.PROMOTED),
        (AdapterState.REJECTED, Outcome.REJECTED),
        (AdapterState.HELD, Outcome.HELD),
        (AdapterState.TRAINED, Outcome.FAILED),
    ],
)
def test_night_killed_after_its_decision_is_closed_with_that_decision(
    db: Database, tmp_path: Path, reached: AdapterState, outcome: Outcome
) -> None:
    Runs(db).begin("night-1", NOW)
    adapter = Adapter("night-1", "tiny", "/a", "0", AdapterState.TRAINED, "night-1", NOW)
    Adapters(db).add(adapter)
    if reached is AdapterState.LIVE:
        Adapters(db).promote("night-1", NOW)
    elif reached is AdapterState.CANARY:
        asked(db, "1", None, NOW)
        changes = AdapterChanges(db, lambda _: None)
        changes.promote_by_night("night-1", Order("night", NOW, "2"), 0.2)
    elif reached is AdapterState.REJECTED:
        Adapters(db).reject("night-1")
    elif reached is AdapterState.HELD:
        changes = AdapterChanges(db, lambda _: None)
        changes.hold(Order("U1", NOW, "1"))
        changes.promote_by_night("night-1", Order("night", NOW, "2"))
    (tmp_path / "night.running").write_text("night-1")

    with only_night(tmp_path, Runs(db), Adapters(db), NOW):
        (run,) = Runs(db).latest()
    assert run.outcome is outcome
    assert run.adapter == (None if outcome is Outcome.FAILED else "night-1")


@pytest.mark.slow
def test_night_goes_on_within_the_preferences_and_its_report_tells_of_them(
    db: Database,
    url: str,
    tmp_path: Path,
    tiny: Path,
    server: Running,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(db, rows(60))
    command = [sys.executable, "-m", "tests.training.nights", url, str(tmp_path), server.url]
    with subprocess.Popen([*command, str(tiny), "Preferences"], stdout=subprocess.PIPE) as night:
        assert night.stdout is not None
        assert night.stdout.readline() == b"here\n"
        night.kill()

    monkeypatch.setattr("training.preference_rows.FEWEST", FEW)
    steps: list[TrainingProgress] = []
    recipe = replace(RECIPE, preferences="dpo")
    night_after = nightly(db, tmp_path, server.client, tiny, recipe=recipe, progress=steps.append)
    run = night_after.run(NOW + timedelta(seconds=5))
    # The rows were trained on to the end, and two steps of the preferences were.
    assert (steps[0].stage, steps[0].done) == ("Preferences", 3)
    told = "DPO: 43 corrected answers, 11 steps in"
    assert told in (Path(run.report) / "report.html").read_text()
    assert run.adapter is not None
    if run.outcome is Outcome.PROMOTED:
        server.client.unload_adapter(run.adapter)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["Training", "Comparing"])
def test_killed_night_leaves_nothing_unfinished_and_the_next_one_goes_live(
    db: Database, url: str, tmp_path: Path, tiny: Path, server: Running, stage: str
) -> None:
    keep(db, rows(60))
    command = [sys.executable, "-m", "tests.training.nights", url, str(tmp_path), server.url]
    with subprocess.Popen([*command, str(tiny), stage], stdout=subprocess.PIPE) as night:
        assert night.stdout is not None
        assert night.stdout.readline() == b"here\n"
        night.kill()
    assert Adapters(db).live() is None

    steps: list[TrainingProgress] = []
    later = NOW + timedelta(seconds=5)
    run = nightly(db, tmp_path, server.client, tiny, progress=steps.append).run(later)

    assert run.outcome is Outcome.PROMOTED
    trained = [step.done for step in steps if step.stage == "Training"]
    assert trained[0] == (3 if stage == "Training" else 1)  # it went on after its second step
    assert trained[-1] == steps[0].total
    states = {adapter.name: adapter.state for adapter in Adapters(db).all()}
    assert [name for name, state in states.items() if state is AdapterState.LIVE] == [run.adapter]
    assert AdapterState.TRAINED not in states.values()
    folders = {path.name for path in (tmp_path / "adapters").iterdir() if path.is_dir()}
    assert folders == set(states)
    assert [one.outcome for one in Runs(db).latest()] == [Outcome.PROMOTED, Outcome.FAILED]
    assert run.adapter is not None
    server.client.unload_adapter(run.adapter)


def test_of_the_rejected_adapters_only_the_latest_keeps_its_files(
    db: Database, tmp_path: Path, tiny: Path, server: Running
) -> None:
    names = ["live", "first", "second", "third"]
    for n, name in enumerate(names):
        folder = tmp_path / "adapters" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").touch()
        made = NOW + timedelta(days=n)
        Adapters(db).add(Adapter(name, "t", str(folder), "0", AdapterState.TRAINED, "r", made))
    Adapters(db).promote("live", NOW)
    for name in names[1:]:
        Adapters(db).reject(name)

    nightly(db, tmp_path, server.client, tiny).run(NOW + timedelta(days=9))

    left = {path.name for path in (tmp_path / "adapters").iterdir() if path.is_dir()}
    assert left == {"live", "third"}
    assert {adapter.name for adapter in Adapters(db).all()} == set(names)


@pytest.mark.slow
def test_importing_the_night_imports_no_trainer() -> None:
    code = (
        "import sys, training.nightly; "
        "print([m for m in ('torch', 'trl', 'matplotlib', 'sqlalchemy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"
