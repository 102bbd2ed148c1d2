from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from domain.errors import NotFound
from domain.jobs import TRANSITIONS, Hold, Job, JobEvent, JobKind, JobState, NewJob, after
from records.database import Database
from records.forgetting import Forgetting
from records.jobs import Jobs
from tests.records.makers import NOW, hold, later, source_job

PAUSE = timedelta(minutes=1)
FAR = later(10_000)


@pytest.fixture
def jobs(db: Database) -> Jobs:
    return Jobs(db)


def added(jobs: Jobs, new: NewJob) -> int:
    (job_id,) = jobs.add([new])
    return job_id


def taken(jobs: Jobs, by: Hold | None = None, new: NewJob | None = None) -> Job:
    job = jobs.take(added(jobs, new or source_job()), by or hold())
    assert job is not None
    return job


def now_of(jobs: Jobs, job: Job) -> Job:
    (found,) = (each for each in jobs.in_states(JobState) if each.id == job.id)
    return found


def test_each_event_leads_to_one_state() -> None:
    for event in JobEvent:
        assert {state for (_, each), state in TRANSITIONS.items() if each is event} == {
            after(event)
        }
    assert not [event for state, event in TRANSITIONS if state is JobState.DONE]


def test_added_job_is_found_unchanged(jobs: Jobs) -> None:
    job_id = added(jobs, source_job())
    (job,) = jobs.due("T1", FAR)
    new = source_job()
    assert (job.id, job.state, job.attempts, job.held_by, job.reason) == (
        job_id,
        JobState.WAITING,
        0,
        "",
        "",
    )
    assert (job.kind, job.key, job.request, job.payload) == (
        new.kind,
        new.key,
        new.request,
        new.payload,
    )


def test_same_request_that_is_sent_again_is_added_once(jobs: Jobs) -> None:
    added(jobs, source_job())
    assert jobs.add([replace(source_job(), report="slack:T1:C2:")]) == []
    assert len(jobs.in_states(JobState)) == 1


def test_no_job_gets_the_id_of_a_deleted_one(db: Database, jobs: Jobs) -> None:
    deleted = added(jobs, source_job())
    assert Forgetting(db).delete_person(source_job().person).jobs == 1
    assert added(jobs, source_job()) > deleted


def test_no_kind_of_job_waits_however_many_of_another_do(jobs: Jobs) -> None:
    collection = replace(source_job(), kind=JobKind.COLLECTION, team="")
    jobs.add([replace(collection, request=f"c{n}", key=f"/docs/{n}") for n in range(9)])
    asked = added(jobs, replace(source_job(50), kind=JobKind.QUESTION, key="q"))
    wanted = added(jobs, source_job(51))
    report = added(jobs, replace(source_job(52), kind=JobKind.REPORT, key="night-1"))
    first = jobs.due("T1", FAR, limit=3)
    assert [job.id for job in first[:2]] == [asked, wanted]
    assert [job.key for job in first[2:5]] == ["/docs/0", "/docs/1", "/docs/2"]
    assert [job.id for job in first[5:]] == [report]


def test_job_of_no_workspace_is_due_for_the_bot_of_each(jobs: Jobs) -> None:
    job_id = added(jobs, replace(source_job(), team=""))
    for team in ("T1", "T2", ""):
        assert [job.id for job in jobs.due(team, FAR)] == [job_id]


def test_second_request_for_the_same_key_is_another_job_that_runs_after_the_first(
    jobs: Jobs,
) -> None:
    first = taken(jobs)
    second = added(jobs, source_job(2))
    assert jobs.take(second, hold("p2")) is None

    jobs.finish(first, later(101))
    later_taken = jobs.take(second, hold("p2"))
    assert later_taken is not None
    assert later_taken.attempts == 1


def test_jobs_of_one_request_run_one_after_the_other_in_their_order(jobs: Jobs) -> None:
    one, other = jobs.add([source_job(), source_job(uri="https://b.example/")])
    assert jobs.take(other, hold("p2")) is None
    first = jobs.take(one, hold())
    assert first
    assert jobs.take(other, hold("p2")) is None
    jobs.fail(first, later(101), "It broke.", PAUSE)
    assert jobs.take(other, hold("p2"))


def test_taken_job_cannot_be_taken_again_until_its_lease_ends(jobs: Jobs) -> None:
    job = taken(jobs)
    assert jobs.take(job.id, hold("p2")) is None
    assert jobs.due("T1", later(100.9)) == []

    (lost,) = jobs.due("T1", later(101.1))
    assert (lost.state, lost.attempts, lost.held_by) == (JobState.FAILED, 1, "")
    assert "ended" in lost.reason
    again = jobs.take(job.id, hold("p2", since=102))
    assert again is not None
    assert (again.attempts, again.held_by) == (2, "p2")


def test_only_the_holder_renews_a_lease(jobs: Jobs) -> None:
    job = taken(jobs)
    assert jobs.renew([job.id], hold("p2", since=100.5, minutes=9)) == frozenset()
    assert jobs.renew([job.id], hold("p1", since=100.5, minutes=9)) == {job.id}
    assert jobs.due("T1", later(105)) == []
    assert len(jobs.due("T1", later(110))) == 1
    assert jobs.renew([job.id], hold("p1", since=111)) == frozenset()


Ends = Callable[[Jobs, Job], None]
ENDS: list[Ends] = [
    lambda jobs, job: jobs.finish(job, later(103)),
    lambda jobs, job: jobs.fail(job, later(103), "It broke.", PAUSE),
    lambda jobs, job: jobs.put_off(job, later(103), "Slack is away.", PAUSE),
    lambda jobs, job: jobs.give_up(job, later(103), "It broke."),
]


@pytest.mark.parametrize("end", ENDS)
def test_process_that_lost_the_lease_changes_nothing(jobs: Jobs, end: Ends) -> None:
    job = taken(jobs)
    jobs.due("T1", later(102))
    end(jobs, job)
    assert now_of(jobs, job).state is JobState.FAILED

    other = jobs.take(job.id, hold("p2", since=102))
    end(jobs, job)
    assert now_of(jobs, job) == other


@pytest.mark.parametrize("end", ENDS)
def test_attempt_ends_once(jobs: Jobs, end: Ends) -> None:
    job = taken(jobs)
    end(jobs, job)
    ended = now_of(jobs, job)
    for other in ENDS:
        other(jobs, job)
    assert now_of(jobs, job) == ended


def test_failed_job_waits_for_its_pause_and_keeps_the_count(jobs: Jobs) -> None:
    job = taken(jobs)
    jobs.fail(job, later(101), "It broke.", PAUSE)
    assert jobs.due("T1", later(101.5)) == []
    assert jobs.take(job.id, hold(since=101.5)) is None
    again = jobs.take(job.id, hold(since=102))
    assert again is not None
    assert (again.attempts, again.reason) == (2, "It broke.")


def test_job_that_is_put_off_gives_its_attempt_back(jobs: Jobs) -> None:
    job = taken(jobs)
    jobs.put_off(job, later(101), "Slack is away.", PAUSE)
    waits = now_of(jobs, job)
    assert (waits.state, waits.attempts, waits.reason) == (JobState.WAITING, 0, "Slack is away.")


def test_job_added_with_a_hold_waits_for_that_process(db: Database, jobs: Jobs) -> None:
    from records.questions import Questions
    from tests.records.makers import claim_of, question

    claimed = Questions(db).claim([claim_of(question())], hold("p1"))
    job_id = claimed[question().id]
    assert jobs.due("T1", later(100.5)) == []
    assert jobs.take(job_id, hold("p2")) is None

    (freed,) = jobs.due("T1", later(102))
    assert (freed.state, freed.attempts) == (JobState.WAITING, 0)
    assert jobs.take(job_id, hold("p2", since=102))


def test_bot_of_another_workspace_gets_no_job_of_this_one(jobs: Jobs) -> None:
    added(jobs, source_job())
    assert jobs.due("T2", FAR) == []


def test_process_of_any_workspace_frees_lost_jobs(jobs: Jobs) -> None:
    job = taken(jobs)
    jobs.due("T2", later(102))
    assert now_of(jobs, job).state is JobState.FAILED


def test_quarantined_and_failed_jobs_are_revived_with_no_attempts(jobs: Jobs) -> None:
    job = taken(jobs)
    with pytest.raises(NotFound, match="is running"):
        jobs.revive(job.id, NOW)
    jobs.give_up(job, later(101), "It broke.")
    assert jobs.due("T1", FAR) == []

    revived = jobs.revive(job.id, later(102))
    assert (revived.state, revived.attempts, revived.reason) == (JobState.WAITING, 0, "It broke.")
    assert jobs.due("T1", later(102)) == [revived]


def test_unknown_and_done_jobs_are_not_revived(jobs: Jobs) -> None:
    with pytest.raises(NotFound, match="no job 77"):
        jobs.revive(77, NOW)
    job = taken(jobs)
    jobs.finish(job, later(101))
    with pytest.raises(NotFound, match="is done"):
        jobs.revive(job.id, NOW)


def test_report_is_stored_for_all_jobs_of_a_request(jobs: Jobs) -> None:
    jobs.add([source_job(), source_job(uri="https://b.example/"), source_job(2)])
    jobs.set_report("request-1", "slack:T1:C1:7.7")
    reports = [job.report for job in jobs.of_request("request-1")]
    assert reports == ["slack:T1:C1:7.7"] * 2
    assert jobs.of_request("request-2")[0].report == "slack:T1:C1:"


@pytest.mark.parametrize("takers", [8])
def test_simultaneous_takes_give_each_job_once_and_each_key_once(url: str, takers: int) -> None:
    with closing(Database(url)) as db:
        same = Jobs(db).add([source_job(n) for n in range(4)])
        single = Jobs(db).add([source_job(9, uri="https://b.example/")])
    barrier = Barrier(takers)

    def take(n: int) -> list[int]:
        with closing(Database(url)) as db:
            barrier.wait()
            found = (Jobs(db).take(job_id, hold(f"p{n}")) for job_id in [*same, *single])
            return [job.id for job in found if job]

    with ThreadPoolExecutor(takers) as pool:
        had = [job_id for found in pool.map(take, range(takers)) for job_id in found]
    assert len(set(had) & set(same)) == 1
    assert had.count(single[0]) == 1
    assert len(had) == 2
