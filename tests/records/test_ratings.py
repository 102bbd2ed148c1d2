import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from domain.errors import NotFound
from domain.questions import Answer, RatedAnswer, Rating, Verdict
from records.answers import Answers
from records.database import Database
from records.forgetting import Forgetting
from records.ratings import Ratings
from tests.records.makers import answer, later, question, rating


@pytest.fixture
def ratings(db: Database) -> Ratings:
    return Ratings(db)


@pytest.fixture
def answered(db: Database) -> Answer:
    return keep(db, 1)


def keep(db: Database, n: int) -> Answer:
    Answers(db).ask(question(n))
    return Answers(db).record(answer(question(n)))


def after(earlier: Rating, **changes: object) -> Rating:
    return replace(earlier, rated_at=earlier.rated_at + timedelta(minutes=1), **changes)  # type: ignore[arg-type]


def rated(ratings: Ratings, given: Rating) -> Rating:
    """What is stored once it was given."""
    stored = ratings.rate(given)
    assert stored is not None
    return stored


def test_rating_is_kept(ratings: Ratings, answered: Answer) -> None:
    given = rated(ratings, rating(answered))
    assert given == rating(answered)
    assert ratings.of(answered.id) == (given,)
    assert ratings.last_rated_at() == given.rated_at


def test_rating_an_unknown_answer_is_refused(ratings: Ratings) -> None:
    with pytest.raises(NotFound):
        ratings.rate(rating(answer(question())))
    assert ratings.last_rated_at() is None


def test_second_rating_by_same_person_replaces_first(ratings: Ratings, answered: Answer) -> None:
    up = rated(ratings, rating(answered, reason="clear"))
    down = rated(ratings, after(up, verdict=Verdict.DOWN, reason="wrong", correction="31"))
    assert ratings.of(answered.id) == (down,)


def test_empty_texts_do_not_erase_those_of_the_same_verdict(
    ratings: Ratings, answered: Answer
) -> None:
    first = rated(ratings, rating(answered, verdict=Verdict.DOWN, reason="wrong", correction="31"))
    again = rated(ratings, after(first, reason="", correction=""))
    assert (again.reason, again.correction) == ("wrong", "31")
    corrected = rated(ratings, after(again, reason="", correction="32"))
    assert (corrected.reason, corrected.correction) == ("wrong", "32")


def test_texts_of_the_other_verdict_are_erased(ratings: Ratings, answered: Answer) -> None:
    first = rated(ratings, rating(answered, verdict=Verdict.DOWN, reason="wrong", correction="31"))
    changed = after(first, verdict=Verdict.UP, reason="", correction="")
    assert ratings.rate(changed) == changed


def test_earlier_rating_that_arrives_later_changes_nothing(
    ratings: Ratings, answered: Answer
) -> None:
    earlier = rating(answered, verdict=Verdict.UP)
    later = ratings.rate(after(earlier, verdict=Verdict.DOWN))
    assert ratings.rate(earlier) == later
    assert ratings.of(answered.id) == (later,)


def test_the_same_rating_twice_is_one(ratings: Ratings, answered: Answer) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ratings.rate, [rating(answered)] * 16))
    assert ratings.of(answered.id) == (rating(answered),)


def test_withdrawn_rating_is_gone_and_others_stay(ratings: Ratings, answered: Answer) -> None:
    ratings.rate(rating(answered, by="U2"))
    kept = rated(ratings, rating(answered, by="U3"))
    for _ in range(2):
        ratings.withdraw(answered.id, "U2", Verdict.UP, later(60))
    assert ratings.of(answered.id) == (kept,)


def test_other_verdict_and_later_rating_are_not_withdrawn(
    ratings: Ratings, answered: Answer
) -> None:
    given = rating(answered)
    ratings.rate(given)
    ratings.withdraw(answered.id, "U2", Verdict.DOWN, given.rated_at + timedelta(minutes=1))
    ratings.withdraw(answered.id, "U2", Verdict.UP, given.rated_at - timedelta(minutes=1))
    assert ratings.of(answered.id) == (given,)


@pytest.mark.parametrize("first", ["earlier", "later"])
def test_withdrawn_rating_that_arrives_late_is_not_kept(
    ratings: Ratings, answered: Answer, first: str
) -> None:
    given = rating(answered)
    at = [given.rated_at + timedelta(minutes=minutes) for minutes in (1, 2)]
    for each in at if first == "earlier" else reversed(at):
        ratings.withdraw(answered.id, "U2", Verdict.UP, each)
    assert ratings.rate(given) is None
    assert ratings.rate(replace(given, rated_at=at[0])) is None
    other = replace(given, verdict=Verdict.DOWN)
    assert ratings.rate(other) == other
    again = replace(given, rated_at=at[1] + timedelta(minutes=1))
    assert ratings.rate(again) == again


def test_withdrawing_from_an_unknown_answer_is_refused(ratings: Ratings) -> None:
    with pytest.raises(NotFound):
        ratings.withdraw("a404", "U2", Verdict.UP, later(1))


def test_rated_answers_come_oldest_first_each_with_all_its_ratings(
    db: Database, ratings: Ratings
) -> None:
    third, first, _unrated = keep(db, 3), keep(db, 1), keep(db, 2)
    late, *two = rating(third, by="U1"), rating(first, by="U3"), rating(first, by="U2")
    for given in (late, *two):
        ratings.rate(given)
    assert list(ratings.rated()) == [
        RatedAnswer(question(1), first, (two[1], two[0])),
        RatedAnswer(question(3), third, (late,)),
    ]


def test_rated_answers_are_read_in_pages(
    db: Database, ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.ratings._PAGE", 10)
    for n in range(25):
        ratings.rate(rating(keep(db, n)))
    asked: list[str] = []
    event.listen(db._engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert [one.question for one in ratings.rated()] == [question(n) for n in range(25)]
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 4


def test_writers_continue_while_rated_answers_are_read(db: Database, ratings: Ratings) -> None:
    for n in range(3):
        ratings.rate(rating(keep(db, n)))
    reading = ratings.rated()
    next(reading)
    Forgetting(db).delete_person("U1")
    assert list(ratings.rated()) == []


def test_no_read_keeps_the_write_ahead_log_from_shrinking(
    sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.ratings._PAGE", 1)
    with closing(Database(sqlite)) as db:
        for n in range(3):
            Ratings(db).rate(rating(keep(db, n)))
        reading = Ratings(db).rated()
        next(reading)
        with closing(sqlite3.connect(sqlite.removeprefix("sqlite:///"))) as other:
            [(busy, _, _)] = other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not busy
        assert len(list(reading)) == 2
