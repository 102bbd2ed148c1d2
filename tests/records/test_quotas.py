"""Quotas: exact, also if several processes count at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.admission import DAY, HOUR, Quota, Whose, quotas
from records.database import Database
from records.forgetting import Forgetting
from records.quotas import Quotas
from records.tables import counted_questions
from tests.records.makers import NOW
from tests.records.plans import full_scans


@pytest.fixture
def empty(db: Database) -> Database:
    with db.session() as connection:
        connection.execute(counted_questions.delete())
    return db


def test_question_above_a_quota_is_told_when_there_is_room_again(empty: Database) -> None:
    counted = Quotas(empty, quotas(person_hour=2))
    assert counted.count("q1", "T1", "U1", "C1", NOW) is None
    assert counted.count("q2", "T1", "U1", "C2", NOW + timedelta(minutes=10)) is None
    over = counted.count("q3", "T1", "U1", "C1", NOW + timedelta(minutes=20))
    assert over
    assert over.again_at == NOW + HOUR
    assert over.quota == Quota(Whose.PERSON, 2, HOUR)
    # It did not count itself.
    assert counted.count("q4", "T1", "U1", "C1", over.again_at) is None
    assert counted.count("q5", "T1", "U1", "C1", over.again_at)


def test_looking_whether_a_quota_is_used_up_counts_nothing(empty: Database) -> None:
    counted = Quotas(empty, quotas(person_hour=1))
    for _ in range(2):
        assert counted.used_up("q1", "T1", "U1", "C1", NOW) is None
    assert counted.count("q1", "T1", "U1", "C1", NOW) is None
    assert counted.used_up("q1", "T1", "U1", "C1", NOW) is None
    assert counted.used_up("q2", "T1", "U1", "C1", NOW) == counted.count(
        "q2", "T1", "U1", "C1", NOW
    )


def test_same_question_counts_once(empty: Database) -> None:
    counted = Quotas(empty, quotas(person_day=1))
    assert [counted.count("q1", "T1", "U1", "C1", NOW) for _ in range(3)] == [None] * 3


def test_people_channels_and_workspaces_are_counted_apart(empty: Database) -> None:
    counted = Quotas(empty, quotas(person_day=1, channel_hour=1))
    assert counted.count("q1", "T1", "U1", "C1", NOW) is None
    assert counted.count("q2", "T1", "U2", "C2", NOW) is None
    assert counted.count("q3", "T2", "U1", "C1", NOW) is None
    of_channel = counted.count("q4", "T1", "U3", "C1", NOW)
    assert of_channel
    assert of_channel.quota.whose is Whose.CHANNEL
    # Both are used up: the one that lasts longer is told.
    both = counted.count("q5", "T1", "U1", "C1", NOW)
    assert both
    assert both.again_at == NOW + DAY


def test_threads_that_ask_at_once_get_exactly_what_is_allowed(empty: Database) -> None:
    counted = [Quotas(empty, quotas(person_hour=5)) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda n: counted[n % 2].count(f"q{n}", "T1", "U1", f"C{n}", NOW), range(20))
        )
    assert found.count(None) == 5


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 300), max_size=25), st.integers(1, 4))
def test_no_hour_has_more_questions_than_the_quota(
    db: Database, minutes: list[int], most: int
) -> None:
    with db.session() as connection:
        connection.execute(counted_questions.delete())
    counted = Quotas(db, quotas(person_hour=most))
    times = [NOW + timedelta(minutes=minute) for minute in sorted(minutes)]
    taken = [at for n, at in enumerate(times) if not counted.count(f"q{n}", "T1", "U1", "C1", at)]
    for at in times:
        assert sum(at - HOUR < each <= at for each in taken) <= most
    # None was refused while there was room.
    for at in set(times) - set(taken):
        assert sum(at - HOUR < each <= at for each in taken) == most


def test_what_is_older_than_a_day_is_deleted(empty: Database) -> None:
    counted = Quotas(empty, quotas(person_hour=9))
    counted.count("q1", "T1", "U1", "C1", NOW)
    counted.count("q2", "T1", "U2", "C1", NOW + DAY)
    with empty.reading() as connection:
        left = connection.execute(counted_questions.select()).all()
    assert [row.question for row in left] == ["q2"]


def test_counting_uses_an_index(empty: Database) -> None:
    def work(db: Database) -> None:
        counted = Quotas(db, quotas(person_hour=2, channel_day=2))
        for n in range(4):
            counted.count(f"q{n}", "T1", "U1", "C1", NOW)

    assert full_scans(empty, work) == {}


def test_without_quotas_nothing_is_stored(empty: Database) -> None:
    Quotas(empty, ()).count("q1", "T1", "U1", "C1", NOW)
    with empty.reading() as connection:
        assert connection.execute(counted_questions.select()).all() == []


def test_person_who_is_forgotten_is_not_counted_any_more(empty: Database) -> None:
    Quotas(empty, quotas(person_hour=1)).count("q1", "T1", "U7", "C1", NOW)
    assert Forgetting(empty).find_person("U7")
    Forgetting(empty).delete_person("U7")
    assert Forgetting(empty).find_person("U7") is None
