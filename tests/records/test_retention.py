from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest

from domain.jobs import JobState
from records.answers import Answers
from records.audit import AuditLog
from records.database import Database
from records.ratings import Ratings
from records.retention import Retention
from records.rows import values
from records.tables import audit, jobs
from tests.records.makers import NOW, answer, later, question, rating, source_job


@pytest.fixture(autouse=True)
def a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.retention._AT_ONCE", 3)


@pytest.fixture
def asked(db: Database) -> None:
    for n in range(10):
        Answers(db).ask(question(n))
        if n != 4:
            Ratings(db).rate(rating(Answers(db).record(answer(question(n)))))


@pytest.mark.usefixtures("asked")
def test_only_older_questions_are_deleted_with_everything_that_belongs_to_them(
    db: Database,
) -> None:
    assert Retention(db).delete_questions(later(8), lambda _: None) == 8
    assert [one.question for one in Ratings(db).rated()] == [question(8), question(9)]
    assert Ratings(db).of(question(1).answer_id) == ()
    assert Answers(db).answer_to(question(1).id) is None


@pytest.mark.usefixtures("asked")
def test_copies_are_deleted_first_a_few_at_a_time(db: Database) -> None:
    seen: list[list[str]] = []

    def delete_copies(answer_ids: Collection[str]) -> None:
        assert all(Answers(db).get(one) for one in answer_ids)
        seen.append(list(answer_ids))

    Retention(db).delete_questions(later(8), delete_copies)
    assert [len(ids) for ids in seen] == [3, 2, 2]
    assert set(chain(*seen)) == {question(n).answer_id for n in range(8) if n != 4}


@pytest.mark.usefixtures("asked")
def test_interrupted_deletion_continues_with_the_next_call(db: Database) -> None:
    calls = iter([None, KeyboardInterrupt()])

    def stop_at_the_second(_: Collection[str]) -> None:
        if error := next(calls):
            raise error

    with pytest.raises(KeyboardInterrupt):
        Retention(db).delete_questions(later(8), stop_at_the_second)
    assert len(Answers(db).recent()) == 6
    assert Retention(db).delete_questions(later(8), lambda _: None) == 5
    assert Retention(db).delete_questions(later(8), lambda _: None) == 0


def test_only_jobs_that_ended_before_are_deleted(db: Database) -> None:
    rows = [
        values(replace(source_job(), request=f"{state}-{days}"))
        | {
            "state": state,
            "attempts": 1,
            "held_by": "",
            "not_before": NOW,
            "reason": "",
            "updated_at": NOW - timedelta(days=days),
        }
        # At most one of them runs.
        for state in set(JobState) - {JobState.RUNNING}
        for days in range(8)
    ]
    with db.session() as connection:
        connection.execute(jobs.insert(), rows)
    assert Retention(db).delete_jobs(NOW - timedelta(days=3)) == 8
    with db.reading() as connection:
        kept = connection.execute(jobs.select().with_only_columns(jobs.c.request)).scalars().all()
    ended = {request for request in kept if request.startswith(("done", "quarantined"))}
    assert ended == {f"{state}-{days}" for state in ("done", "quarantined") for days in range(4)}
    assert len(kept) == 24


def test_rows_of_the_audit_log_are_deleted_by_their_age(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.retention._AT_ONCE", 2)
    rows = [
        {"at": NOW - timedelta(days=n), "by": "U1", "did": "added", "to": str(n)} for n in range(9)
    ]
    with db.session() as connection:
        connection.execute(audit.insert(), rows)
    assert Retention(db).delete_audit(NOW - timedelta(days=3)) == 5
    assert {entry.to for entry in AuditLog(db).latest(9)} == {"0", "1", "2", "3"}
