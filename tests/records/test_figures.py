"""What the scheduler tells Prometheus of the database."""

from dataclasses import replace
from datetime import timedelta

from prometheus_client import CollectorRegistry

from domain.adapters import AdapterState, Outcome
from domain.collections import Trouble
from domain.jobs import JobKind, JobState
from records.adapters import Adapters
from records.collections import Collections
from records.database import Database
from records.figure_metrics import DatabaseFigures
from records.figures import read_figures
from records.jobs import Jobs
from records.questions import Questions
from records.runs import Runs
from tests.records.makers import (
    NOW,
    adapter,
    claim_of,
    collection,
    finished,
    hold,
    later,
    question,
    source_job,
)
from tests.records.plans import full_scans


def test_an_empty_database_has_nothing_to_tell(db: Database) -> None:
    figures = read_figures(db, NOW)
    assert figures.jobs == {}
    assert (figures.waits_since, figures.read_at, figures.night) == (None, None, None)
    assert set(figures.collections.values()) == {0}
    assert figures.overdue == timedelta()
    assert not figures.night_runs
    assert figures.adapters == {}


def test_jobs_are_counted_by_kind_and_state_until_they_are_done(db: Database) -> None:
    jobs = Jobs(db)
    jobs.add([source_job(n, uri=f"https://{n}.example/") for n in range(4)])
    due = jobs.due("T1", later(1_000))
    done, failed, lost = (jobs.take(job.id, hold(since=1_000)) for job in due[:3])
    assert done
    assert failed
    assert lost
    jobs.finish(done, later(5))
    jobs.fail(failed, later(5), "It broke.", timedelta(minutes=1))
    jobs.give_up(lost, later(5), "It broke.")
    figures = read_figures(db, later(2_000))
    assert figures.jobs == {
        (JobKind.SOURCE, JobState.FAILED): 1,
        (JobKind.SOURCE, JobState.QUARANTINED): 1,
        (JobKind.SOURCE, JobState.WAITING): 1,
    }
    assert figures.waits_since == min(one.created_at for one in jobs.due("T1", later(3_000)))


def test_collections_are_counted_by_state_and_the_longest_due_is_told(db: Database) -> None:
    known = Collections(db)
    for name, read, failures in (("ok", 1, 0), ("failing", 2, 3), ("unread", None, 0)):
        before = known.add(collection(f"/{name}", later(10)))
        if read:
            known.record(before, replace(before, read_at=later(read), failures=failures))
    known.add(collection("/held", later(20)))
    known.told("/held", Trouble.HELD_BACK)
    figures = read_figures(db, later(40))
    assert figures.collections == {"ok": 1, "failing": 1, "held_back": 1, "unread": 1}
    assert figures.read_at == later(2)
    assert figures.overdue == timedelta(minutes=30)
    assert read_figures(db, later(1)).overdue == timedelta()


def test_the_last_night_that_ended_is_told_also_while_another_runs(db: Database) -> None:
    runs = Runs(db)
    runs.finish(finished(runs.begin("night-1", later(0)), Outcome.REJECTED))
    runs.begin("night-2", later(120))
    figures = read_figures(db, later(121))
    assert figures.night
    assert figures.night.outcome is Outcome.REJECTED
    assert figures.night.took == timedelta(hours=1)
    assert figures.night.ended_at == later(60)
    assert figures.night.examples == 12
    assert figures.night_runs


def test_the_adapters_that_answer_are_named(db: Database) -> None:
    adapters = Adapters(db)
    adapters.add(adapter("night-1"))
    adapters.promote("night-1", later(1))
    adapters.add(adapter("night-2"))
    assert read_figures(db, later(2)).adapters == {AdapterState.LIVE: "night-1"}


def test_reading_them_scans_no_table_that_grows(db: Database) -> None:
    scans = full_scans(db, lambda db: read_figures(db, NOW))
    assert {one.split()[-1] for tables in scans.values() for one in tables} <= {
        "collections",
        "anon_1",  # what was read of the jobs
    }


def test_prometheus_reads_them_from_a_registry(db: Database) -> None:
    Questions(db).claim([claim_of(question())], hold())
    registry = CollectorRegistry()
    registry.register(DatabaseFigures(db))

    def told(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert told("phi3_database_up") == 1
    assert told("phi3_jobs", kind="question", state="waiting") == 1
    assert told("phi3_jobs", kind="gap", state="quarantined") == 0
    assert (told("phi3_jobs_oldest_seconds") or 0) > 0
    assert told("phi3_night_running") == 0
    assert told("phi3_night_last_end_timestamp_seconds") is None


def test_asking_again_soon_does_not_ask_the_database_again(db: Database) -> None:
    figures = DatabaseFigures(db)
    first = [family.samples for family in figures.collect()]
    Questions(db).claim([claim_of(question())], hold())
    assert [family.samples for family in figures.collect()] == first


def test_without_a_database_only_that_is_told(db: Database) -> None:
    away = Database("sqlite:////nowhere/phi3.db")
    assert [
        (sample.name, sample.value)
        for family in DatabaseFigures(away).collect()
        for sample in family.samples
    ] == [("phi3_database_up", 0)]
