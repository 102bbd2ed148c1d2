"""The page Jobs: what was given up is seen with its reason, and tried again once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.console import ConsoleRole
from domain.documents import SourceState
from domain.jobs import JobState
from domain.questions import Audience
from records.database import Database
from records.jobs import Jobs
from records.sources import Sources
from tests.console.running_console import RunningConsole, post, running
from tests.records.makers import hold, later, source, source_job


def give_up(database: Database, n: int, uri: str) -> int:
    """A job to read ``uri`` that was given up."""
    [job_id] = Jobs(database).add([source_job(n, uri=uri)])
    taken = Jobs(database).take(job_id, hold())
    assert taken
    Jobs(database).give_up(taken, later(101), "The page is not there.")
    return job_id


def state_of(database: Database, job_id: int) -> JobState:
    [found] = [job for job in Jobs(database).in_states(list(JobState)) if job.id == job_id]
    return found.state


@pytest.mark.slow
def test_a_job_that_was_given_up_is_retried_once_by_two_admins(console: RunningConsole) -> None:
    job_id = give_up(console.database, 1, "https://a.example/")
    with console.signed_in() as one, console.signed_in() as other:
        for client in (one, other):
            assert "The page is not there." in client.get("/jobs").text
        assert f"Job {job_id} waits again" in post(one, f"/jobs/{job_id}/retry").text
        late = post(other, f"/jobs/{job_id}/retry")
    assert late.status_code == 409
    assert "Somebody else was faster" in late.text
    assert state_of(console.database, job_id) is JobState.WAITING
    did = [(entry.did, entry.to) for entry in console.parts.audit.latest(9)]
    assert did.count(("retried job", str(job_id))) == 1


@pytest.mark.slow
def test_everything_that_was_given_up_is_retried_at_once(console: RunningConsole) -> None:
    ids = [give_up(console.database, n, f"https://a.example/{n}") for n in range(3)]
    with console.signed_in() as client:
        assert "3 jobs wait again" in post(client, "/jobs/retry-given-up").text
    assert {state_of(console.database, job_id) for job_id in ids} == {JobState.WAITING}


@pytest.mark.slow
def test_an_address_is_shown_only_to_who_may_read_it(console: RunningConsole) -> None:
    sources = Sources(console.database)
    for uri, audience in (
        ("https://open.example/", Audience.everyone()),
        ("https://secret.example/", Audience.of("channel:T1:C9")),
    ):
        sources.save(replace(source(uri, SourceState.FAILED), audience=audience))
        give_up(console.database, len(uri), uri)
    with console.signed_in() as client:
        shown = client.get("/jobs").text
    assert "https://open.example/" in shown
    assert "secret.example" not in shown
    assert "a source that you may not read" in shown
    with running(console.database, admins_read_all=True) as wide, wide.signed_in() as client:
        post(client, "/you/reads-all", wanted="true")
        assert "https://secret.example/" in client.get("/jobs").text


@pytest.mark.slow
def test_jobs_are_paged_and_filtered_by_state(console: RunningConsole) -> None:
    jobs = Jobs(console.database)
    jobs.add([source_job(n, uri=f"https://a.example/{n}") for n in range(60)])
    with console.signed_in() as client:
        first = client.get("/jobs?state=waiting")
        assert first.text.count("<td>source</td>") == 50
        assert "Next page" in first.text
        href = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = client.get(href)
        assert second.text.count("<td>source</td>") == 10
        assert "Next page" not in second.text
        assert "No job is in this state." in client.get("/jobs?state=quarantined").text
        assert client.get("/jobs?after=x").status_code == 422


@pytest.mark.slow
def test_jobs_are_for_admins(console: RunningConsole) -> None:
    with console.signed_in(ConsoleRole.EDITOR) as client:
        assert client.get("/jobs").status_code == 403
        assert 'href="/jobs"' not in client.get("/").text


@pytest.mark.slow
def test_health_is_checked_when_somebody_wants_it(console: RunningConsole) -> None:
    with console.signed_in() as client:
        assert "Nothing was checked" in client.get("/doctor").text
        shown = post(client, "/doctor/check").text
    assert "Everything was checked." in shown
    assert "Start it." in shown
    found = console.parts.last_check.found
    assert found
    assert found.at <= datetime.now(UTC)
