from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from domain.errors import NotFound
from domain.protocols import AnswerLog
from domain.questions import AnswerKind, Message, Question, RatedAnswer, Verdict
from records.answer_pages import AnswerFilter, AnswerPages
from records.answers import Answers
from records.database import Database
from records.ratings import Ratings
from tests.records.makers import THREAD, answer, later, question, rating


@pytest.fixture
def answers(db: Database) -> Answers:
    return Answers(db)


def keep(answers: Answers, asked: Question, kind: AnswerKind = AnswerKind.ANSWERED) -> None:
    answers.ask(asked)
    answers.record(answer(asked, kind))


def test_answers_are_an_answer_log(answers: Answers) -> None:
    log: AnswerLog = answers
    log.ask(question())
    assert log.answer_to(question().id) is None
    assert log.record(answer(question())) == answer(question())
    assert log.answer_to(question().id) == answer(question())


def test_question_asked_again_stays_as_it_was(answers: Answers) -> None:
    keep(answers, question())
    answers.ask(replace(question(), text="Something else"))
    assert answers.question_of(question().answer_id) == question()


@pytest.mark.parametrize("kind", AnswerKind)
def test_answer_comes_back_with_everything_it_was_made_from(
    answers: Answers, kind: AnswerKind
) -> None:
    plain = replace(
        answer(question(), kind), adapter=None, citations=(), passages=(), model="", text=""
    )
    answers.ask(question())
    assert answers.record(plain) == plain
    assert answers.get(plain.id) == plain


def test_first_recorded_answer_stays(answers: Answers) -> None:
    keep(answers, question())
    other = replace(answer(question()), text="Forty.")
    assert answers.record(other) == answer(question())
    assert answers.get(other.id) == answer(question())


def test_of_many_answers_recorded_at_once_all_callers_get_the_same(answers: Answers) -> None:
    answers.ask(question())
    candidates = [replace(answer(question()), text=f"Answer {n}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        returned = set(pool.map(answers.record, candidates))
    assert returned == {answers.get(question().answer_id)}


def test_answer_to_a_question_that_was_never_asked_is_refused(answers: Answers) -> None:
    with pytest.raises(NotFound):
        answers.record(answer(question()))
    assert answers.answer_to(question().id) is None


def test_unknown_answer_is_an_error(answers: Answers) -> None:
    with pytest.raises(NotFound, match="There is no answer a0"):
        answers.get("a0")
    with pytest.raises(NotFound):
        answers.question_of("a0")


def turns(*asked: Question) -> tuple[Message, ...]:
    return tuple(
        turn
        for one in asked
        for turn in (Message("user", one.text), Message("assistant", answer(one).text))
    )


def test_history_is_the_last_six_turns_oldest_first(answers: Answers) -> None:
    for n in range(1, 6):
        keep(answers, question(n))
    assert answers.history(THREAD, later(99)) == turns(question(3), question(4), question(5))


def test_history_ends_before_the_question_that_needs_it(answers: Answers) -> None:
    for n in (1, 2, 3):
        keep(answers, question(n))
    assert answers.history(THREAD, question(2).asked_at) == turns(question(1))


def test_refused_and_quoted_answers_are_left_out_with_their_questions(answers: Answers) -> None:
    keep(answers, question(1))
    keep(answers, question(2), AnswerKind.REFUSED)
    keep(answers, question(3), AnswerKind.QUOTED)
    answers.ask(question(4))
    keep(answers, question(5))
    assert answers.history(THREAD, later(99)) == turns(question(1), question(5))


def test_other_conversations_are_not_in_the_history(answers: Answers) -> None:
    keep(answers, question(1, thread="slack:T1:C1:other"))
    keep(answers, question(2, thread=""))
    assert answers.history(THREAD, later(99)) == ()
    assert answers.history("", later(99)) == ()


def test_recent_answers_come_newest_first_with_their_ratings(
    db: Database, answers: Answers
) -> None:
    for n in (1, 2, 3):
        keep(answers, question(n))
    given = rating(answer(question(2)))
    Ratings(db).rate(given)
    assert answers.recent(2) == [
        RatedAnswer(question(3), answer(question(3))),
        RatedAnswer(question(2), answer(question(2)), (given,)),
    ]


def test_answer_is_deleted_with_its_ratings_and_another_may_be_recorded(
    answers: Answers, db: Database
) -> None:
    for n in (1, 2):
        keep(answers, question(n))
        Ratings(db).rate(rating(answer(question(n))))
    answers.delete(question(1).id)
    answers.delete(question(1).id)
    assert answers.answer_to(question(1).id) is None
    assert Ratings(db).of(question(1).answer_id) == ()
    assert answers.answer_to(question(2).id) == answer(question(2))
    other = replace(answer(question(1)), text="Forty.")
    assert answers.record(other) == other


@pytest.mark.parametrize("is_same", [False, True])
def test_answer_that_replaces_another_keeps_what_people_wrote(
    answers: Answers, db: Database, is_same: bool
) -> None:
    old, ratings = answer(question(), AnswerKind.REFUSED), Ratings(db)
    keep(answers, question(), AnswerKind.REFUSED)
    ratings.rate(rating(old, "U3", Verdict.UP))
    ratings.rate(rating(old, "U2", Verdict.DOWN, correction="It is thirty."))
    new = replace(answer(question()), created_at=later(9), text="Thirty.")
    if is_same:
        new = replace(old, created_at=later(9), passages=())
    assert answers.record(new, instead_of=old) == new

    assert answers.answer_to(question().id) == new
    wrote = ratings.correction(old.id, "U2")
    assert wrote
    assert wrote.text == "It is thirty."
    assert [one.by for one in ratings.of(old.id)] == (["U2", "U3"] if is_same else [])
    pages = AnswerPages(db)
    for wanted in (AnswerFilter(AnswerKind.REFUSED), AnswerFilter(verdict=Verdict.UP)):
        assert bool(pages.page(wanted, None, 10).rows) is is_same
    # Another process, for which the old answer is the last one that it read.
    other = replace(new, created_at=later(10), text="Forty.")
    assert answers.record(other, instead_of=old) == new


def test_answer_that_replaces_one_that_is_gone_is_stored(answers: Answers) -> None:
    answers.ask(question())
    old = answer(question(), AnswerKind.REFUSED)
    assert answers.record(answer(question()), instead_of=old) == answer(question())
