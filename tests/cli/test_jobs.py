"""`phi3 jobs` in the terminal."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

import migrations
from cli.commands.every import app
from domain.errors import NotFound
from domain.jobs import JobState
from records.database import Database, url_of
from records.jobs import Jobs
from tests.records.makers import NOW, hold, later, source_job


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path))
    url = url_of(tmp_path / "phi3.db")
    monkeypatch.setenv("PHI3_DATABASE_URL", url)
    migrations.upgrade(url)
    with closing(Database(url)) as db:
        jobs = Jobs(db)
        for n, end in enumerate((jobs.finish, None, jobs.give_up), 1):
            jobs.add([source_job(n, uri=f"https://{n}.example/")])
            job = jobs.take(jobs.of_request(f"request-{n}")[0].id, hold())
            assert job
            if end == jobs.give_up:
                jobs.give_up(job, later(101), "It ended the process 3 times.")
            elif end:
                jobs.finish(job, later(101))
    return url


def listed(*options: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, ["jobs", "list", "--json", *options])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["jobs"]
    assert isinstance(rows, list)
    return rows


def test_list_shows_open_jobs_and_those_that_were_given_up(url: str) -> None:
    rows = listed()
    assert {(row["key"], row["state"]) for row in rows} == {
        ("https://2.example/", "running"),
        ("https://3.example/", "quarantined"),
    }
    given_up = next(row for row in rows if row["state"] == "quarantined")
    assert (given_up["attempts"], given_up["reason"]) == (1, "It ended the process 3 times.")
    assert set(given_up) == {
        *("id", "kind", "key", "state", "attempts", "reason", "not_before", "updated_at")
    }


def test_list_shows_one_state_or_all(url: str) -> None:
    assert [row["state"] for row in listed("--state", "done")] == ["done"]
    assert len(listed("--all")) == 3
    assert "quarantined" in CliRunner().invoke(app, ["jobs", "list"]).stdout


def test_retry_lets_a_quarantined_job_wait_again(url: str) -> None:
    (row,) = listed("--state", "quarantined")
    done = CliRunner().invoke(app, ["jobs", "retry", str(row["id"]), "--json"])
    assert [each["state"] for each in json.loads(done.stdout)["jobs"]] == ["waiting"]
    with closing(Database(url)) as db:
        (job,) = Jobs(db).in_states([JobState.WAITING])
    assert (job.id, job.attempts) == (row["id"], 0)
    assert job.not_before > NOW


def test_retry_of_several_jobs_changes_all_or_none(url: str) -> None:
    (row,) = listed("--state", "quarantined")
    failed = CliRunner().invoke(app, ["jobs", "retry", str(row["id"]), "999", "--json"])
    assert isinstance(failed.exception, NotFound)
    assert [each["id"] for each in listed("--state", "quarantined")] == [row["id"]]


def test_id_that_no_database_takes_is_a_wrong_argument(url: str) -> None:
    done = CliRunner().invoke(app, ["jobs", "retry", "99999999999999999999"])
    assert done.exit_code == 2
    assert "2147483647" in done.output


def test_retry_of_an_unknown_or_a_done_job_says_so(url: str) -> None:
    (done,) = listed("--state", "done")
    for job_id, why in ((999, "no job 999"), (done["id"], "is done")):
        failed = CliRunner().invoke(app, ["jobs", "retry", str(job_id)])
        assert isinstance(failed.exception, NotFound)
        assert why in str(failed.exception)
