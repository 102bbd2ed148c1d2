from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from threading import Barrier

import pytest

from domain.errors import NotFound
from domain.jobs import JobKind, JobState
from domain.questions import Audience
from records.answers import Answers
from records.database import Database
from records.forgetting import FORGOTTEN
from records.jobs import STOPPED, Jobs
from records.questions import Questions
from tests.records.makers import THREAD, answer, claim_of, hold, later, question, question_job


@pytest.fixture
def questions(db: Database) -> Questions:
    return Questions(db)


def test_claimed_question_is_found_as_it_was_asked(questions: Questions) -> None:
    questions.claim([claim_of(question())])
    assert questions.find(question().id) == question()


def test_unknown_question_is_not_found(questions: Questions) -> None:
    assert questions.find("slack:T1:C1:9.9") is None


def test_second_claim_is_refused_and_changes_nothing(questions: Questions) -> None:
    assert questions.claim([claim_of(question())]).keys() == {question().id}
    assert questions.claim([claim_of(replace(question(), text="Something else"))]) == {}
    assert questions.find(question().id) == question()


@pytest.mark.parametrize("claimants", [8])
def test_only_one_of_many_simultaneous_claims_succeeds(url: str, claimants: int) -> None:
    barrier = Barrier(claimants)

    def claim(n: int) -> bool:
        with closing(Database(url)) as db:
            barrier.wait()
            return bool(Questions(db).claim([claim_of(replace(question(), asked_by=f"U{n}"))]))

    with ThreadPoolExecutor(claimants) as pool:
        won = list(pool.map(claim, range(claimants)))
    with closing(Database(url)) as db:
        kept = Questions(db).find(question().id)
    assert kept is not None
    assert [n for n, claimed in enumerate(won) if claimed] == [int(kept.asked_by[1:])]


def test_one_pool_serves_many_threads_that_claim_different_questions(db: Database) -> None:
    questions = Questions(db)
    asked = [question(n) for n in range(40)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda one: questions.claim([claim_of(one)]), asked))
    assert questions.unfinished() == asked


def test_unfinished_are_the_questions_with_an_open_job_oldest_first(
    db: Database, questions: Questions
) -> None:
    for n in (3, 1, 2):
        questions.claim([claim_of(question(n, thread=f"slack:T1:C1:{n}"))])
    Answers(db).ask(question(4))
    assert questions.unfinished() == [question(n, thread=f"slack:T1:C1:{n}") for n in (1, 2, 3)]

    jobs = Jobs(db)
    done, spoilt, _ = (jobs.take(job.id, hold()) for job in jobs.due("T1", later(100)))
    assert done
    assert spoilt
    jobs.finish(done, later(100))
    jobs.give_up(spoilt, later(100), "It is broken.")
    assert [left.id for left in questions.unfinished()] == [question(3).id]


def test_audience_is_stored_once_it_is_known(questions: Questions) -> None:
    questions.claim([claim_of(replace(question(), audience=Audience.of()))])
    questions.set_audience(question().id, question().audience)
    assert questions.find(question().id) == question()


def test_answer_is_found_by_the_message_that_shows_it(db: Database, questions: Questions) -> None:
    questions.claim([claim_of(question())])
    questions.set_reply(question().id, "slack:T1:C1:7.7")
    assert questions.reply_of(question().id) == "slack:T1:C1:7.7"
    assert questions.answer_at("slack:T1:C1:7.7") is None
    recorded = Answers(db).record(answer(question()))
    assert questions.answer_at("slack:T1:C1:7.7") == recorded
    assert questions.is_reply("slack:T1:C1:7.7")
    assert not questions.is_reply("slack:T1:C1:7.8")


def test_question_without_reply_has_an_empty_one_that_shows_nothing(
    db: Database, questions: Questions
) -> None:
    questions.claim([claim_of(question())])
    Answers(db).record(answer(question()))
    assert questions.reply_of(question().id) == ""
    assert questions.answer_at("") is None
    assert not questions.is_reply("")
    with pytest.raises(NotFound):
        questions.set_reply("slack:T1:C1:9.9", "slack:T1:C1:7.7")


def test_times_of_any_zone_are_read_back_in_utc(questions: Questions) -> None:
    abroad = question().asked_at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    questions.claim([claim_of(replace(question(), asked_at=abroad))])
    found = questions.find(question().id)
    assert found is not None
    assert found.asked_at == abroad
    assert found.asked_at.tzinfo is UTC


def test_dropped_question_leaves_no_words_in_later_ones(db: Database) -> None:
    """Nobody could tell any more whose words they are, when the person is forgotten."""
    for n in (1, 2, 3):
        asked = question(n, asked_by=f"U{n}", thread=THREAD if n < 3 else "slack:T1:C1:3.0")
        Answers(db).ask(asked)
        Answers(db).record(answer(asked))
    Questions(db).drop(question(1).id)
    kept = {one.question.id: one.question.history for one in Answers(db).recent()}
    assert kept == {question(2).id: FORGOTTEN, question(3).id: question(3).history}


def test_dropped_question_that_was_not_answered_changes_no_other_one(db: Database) -> None:
    questions = Questions(db)
    questions.claim([claim_of(question(1)), claim_of(question(2, thread=THREAD))])
    questions.drop(question(1).id)
    assert questions.find(question(2).id) == question(2)


def test_question_that_was_dropped_is_not_stored_by_the_same_request_again(db: Database) -> None:
    questions = Questions(db)
    asked, job = claim_of(question())
    questions.claim([(asked, job)])
    questions.drop(asked.id)
    assert questions.claim([(asked, job)]) == {}
    assert questions.find(asked.id) is None
    # Another wish to have it answered is another request.
    assert questions.claim([(asked, replace(job, request="U2 wants it"))])
    assert questions.find(asked.id) == asked


def test_stop_ends_only_the_wanted_jobs_and_deletes_what_they_answered(
    db: Database, questions: Questions
) -> None:
    first, second, third, elsewhere = (
        question(1),
        question(2),
        question(3),
        question(4, thread="slack:T1:C1:4.0"),
    )
    for one in (first, second, third, elsewhere):
        questions.claim([(one, replace(question_job(one), request=one.id))])
        Answers(db).record(answer(one))
    beside = replace(question_job(second), request="beside", payload="beside")
    again = replace(question_job(third), request="again", created_at=later(60))
    jobs = Jobs(db)
    for one in (second, third):  # their first jobs are done
        (job,) = jobs.of_key(JobKind.QUESTION, one.id)
        taken = jobs.take(job.id, hold())
        assert taken
        jobs.finish(taken, later(101))
    jobs.add([beside, again])

    stopped = questions.stop(
        THREAD, later(99), wanted=lambda payload: payload != "beside", now=later(102)
    )
    ended = {job.id: job.key for job in jobs.in_states([JobState.DONE]) if job.reason == STOPPED}
    assert set(stopped) == set(ended)
    assert set(ended.values()) == {first.id, third.id}
    assert Answers(db).answer_to(first.id) is None
    for one in (second, third, elsewhere):
        assert Answers(db).answer_to(one.id) == answer(one)
