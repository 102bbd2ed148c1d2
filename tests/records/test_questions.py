from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from threading import Barrier

import pytest

from domain.errors import NotFound
from domain.questions import AnswerKind, Question
from records.answers import Answers
from records.database import Database
from records.questions import Forgotten, Questions
from records.ratings import Ratings
from tests.records.makers import NOW, answer, later, question, rating


@pytest.fixture
def questions(db: Database) -> Questions:
    return Questions(db)


def test_claimed_question_is_found_as_it_was_asked(questions: Questions) -> None:
    questions.claim([question()])
    assert questions.find(question().id) == question()


def test_unknown_question_is_not_found(questions: Questions) -> None:
    assert questions.find("slack:T1:C1:9.9") is None


def test_second_claim_is_refused_and_changes_nothing(questions: Questions) -> None:
    assert questions.claim([question()]) == {question().id}
    assert questions.claim([replace(question(), text="Something else")]) == frozenset()
    assert questions.find(question().id) == question()


@pytest.mark.parametrize("claimants", [8])
def test_one_of_many_claims_at_once_wins(url: str, claimants: int) -> None:
    barrier = Barrier(claimants)

    def claim(n: int) -> bool:
        with closing(Database(url)) as db:
            barrier.wait()
            return bool(Questions(db).claim([replace(question(), asked_by=f"U{n}")]))

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
        list(pool.map(lambda one: questions.claim([one]), asked))
    assert questions.unfinished() == asked


def test_unfinished_questions_come_oldest_first_and_from_slack_only(questions: Questions) -> None:
    for n in (3, 1, 2):
        questions.claim([question(n)])
    questions.claim([question(4, thread="")])
    questions.finish(question(2).id, later(9))
    assert questions.unfinished() == [question(1), question(3)]


def test_held_question_is_left_to_its_holder_until_the_hold_ends(questions: Questions) -> None:
    questions.claim([question(1), question(2)], later(5))
    questions.claim([question(3)])
    assert questions.unfinished(later(4)) == [question(3)]
    assert not questions.hold(question(1).id, later(4), later(9))

    assert questions.hold(question(1).id, later(6), later(9))
    assert questions.unfinished(later(6)) == [question(2), question(3)]
    questions.keep_hold([question(1).id, question(2).id], later(20))
    assert questions.unfinished(later(19)) == [question(3)]


def test_finished_question_cannot_be_held(questions: Questions) -> None:
    questions.claim([question()])
    questions.finish(question().id, later(1))
    assert not questions.hold(question().id, later(2), later(9))
    assert questions.unfinished(later(2)) == []


def test_one_of_many_that_take_up_a_question_at_once_holds_it(url: str) -> None:
    with closing(Database(url)) as db:
        Questions(db).claim([question()])
    barrier = Barrier(6)

    def hold(_: int) -> bool:
        with closing(Database(url)) as db:
            barrier.wait()
            return Questions(db).hold(question().id, later(1), later(9))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(hold, range(6))) == 1


def test_finishing_twice_is_finishing_once(questions: Questions) -> None:
    questions.claim([question()])
    questions.finish(question().id, later(5))
    questions.finish(question().id, later(6))
    assert questions.unfinished() == []


def test_finishing_an_unknown_question_is_told(questions: Questions) -> None:
    with pytest.raises(NotFound):
        questions.finish("slack:T1:C1:9.9", NOW)


def test_answer_is_found_by_the_message_that_shows_it(db: Database, questions: Questions) -> None:
    questions.claim([question()])
    questions.set_reply(question().id, "slack:T1:C1:7.7")
    assert questions.reply_of(question().id) == "slack:T1:C1:7.7"
    assert questions.answer_at("slack:T1:C1:7.7") is None
    recorded = Answers(db).record(answer(question()))
    assert questions.answer_at("slack:T1:C1:7.7") == recorded


def test_question_without_reply_has_an_empty_one_that_shows_nothing(
    db: Database, questions: Questions
) -> None:
    questions.claim([question()])
    Answers(db).record(answer(question()))
    assert questions.reply_of(question().id) == ""
    assert questions.answer_at("") is None
    with pytest.raises(NotFound):
        questions.set_reply("slack:T1:C1:9.9", "slack:T1:C1:7.7")


def test_times_come_back_in_utc_whatever_zone_they_went_in(questions: Questions) -> None:
    abroad = question().asked_at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    questions.claim([replace(question(), asked_at=abroad)])
    found = questions.find(question().id)
    assert found is not None
    assert found.asked_at == abroad
    assert found.asked_at.tzinfo is UTC


class TestForgetting:
    @pytest.fixture(autouse=True)
    def what_two_people_asked(self, db: Database) -> Iterator[None]:
        for n, person in enumerate(["U1", "U2"], 1):
            self.keep(db, question(n, asked_by=person))
        self.keep(db, question(3, asked_by="U2", thread="slack:T1:C1:other"))
        return iter(())

    def keep(self, db: Database, asked: Question) -> None:
        Questions(db).claim([asked])
        told = Answers(db).record(answer(asked, AnswerKind.ANSWERED))
        for by in ("U1", "U2", "U3"):
            Ratings(db).rate(rating(told, by))

    def test_what_the_person_asked_and_rated_is_gone(self, db: Database) -> None:
        assert Questions(db).forget("U1") == Forgotten(questions=1, ratings=5)
        assert Questions(db).find(question(1).id) is None
        assert Answers(db).answer_to(question(1).id) is None
        left = list(Ratings(db).rated())
        assert [item.question.id for item in left] == [question(2).id, question(3).id]
        assert [[given.by for given in item.ratings] for item in left] == [["U2", "U3"]] * 2

    def test_history_that_may_quote_the_person_is_emptied(self, db: Database) -> None:
        Questions(db).forget("U1")
        histories = [item.question.history for item in Ratings(db).rated()]
        assert histories == [(), question(3).history]

    def test_forgetting_again_finds_nothing(self, db: Database) -> None:
        Questions(db).forget("U1")
        assert Questions(db).forget("U1") == Forgotten(0, 0)
