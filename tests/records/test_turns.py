"""Threads get their turns in order, and none waits longer than it wants."""

from contextlib import closing
from threading import Thread
from time import sleep

import pytest

from domain.errors import DatabaseUnavailable
from records.answers import Answers
from records.database import Database
from records.patience import waiting_at_most
from records.turns import Turns
from tests.records.makers import question


def waits(turns: Turns, name: str, order: list[str], *, hurried: bool = False) -> Thread:
    def take() -> None:
        assert turns.acquire(60, hurried=hurried)
        order.append(name)
        turns.release()

    thread = Thread(target=take)
    before = len(turns._waiting) + len(turns._hurried)
    thread.start()
    while len(turns._waiting) + len(turns._hurried) == before:
        sleep(0.001)
    return thread


def test_turns_are_given_in_order_but_first_to_those_in_a_hurry() -> None:
    turns, order = Turns(), list[str]()
    assert turns.acquire(0)
    threads = [
        waits(turns, name, order, hurried=name.isupper()) for name in ("a", "b", "C", "d", "E")
    ]
    turns.release()
    for thread in threads:
        thread.join(60)
    assert order == ["C", "E", "a", "b", "d"]


def test_turn_that_did_not_come_in_time_is_not_given_later() -> None:
    turns = Turns()
    assert turns.acquire(0)
    assert not turns.acquire(0.01)
    turns.release()
    assert turns.acquire(0)
    turns.release()
    assert turns.acquire(0)


def test_writer_that_somebody_waits_for_gives_up_before_the_others(sqlite: str) -> None:
    with closing(Database(sqlite)) as db, db.session():
        answers = Answers(db)
        errors = list[DatabaseUnavailable]()

        def hurried() -> None:
            with waiting_at_most(0.05):
                try:
                    answers.ask(question(1))
                except DatabaseUnavailable as error:
                    errors.append(error)

        thread = Thread(target=hurried)
        thread.start()
        thread.join(60)
        assert len(errors) == 1


def test_thread_that_fails_ends_its_turn(db: Database) -> None:
    with pytest.raises(ValueError, match="broken"), db.session():
        raise ValueError("broken")
    Answers(db).ask(question(1))
