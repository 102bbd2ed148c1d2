from datetime import timedelta

import pytest

from domain.causes import Cause
from domain.night_rows import Became, NightRow
from records.answers import Answers
from records.database import Database
from records.forgetting import Forgetting
from records.night_rows import NightRows
from records.retention import Retention
from records.runs import Runs
from tests.records.makers import NOW, answer, later, question

ROWS = [
    NightRow(question(0).answer_id, Became.TRAINED, cause=Cause.MODEL),
    NightRow(question(1).answer_id, Became.LEFT_OUT, "not for everyone", Cause.RETRIEVAL),
    NightRow(question(2).answer_id, Became.HELD_BACK),
]


@pytest.fixture
def kept(db: Database) -> NightRows:
    for n in range(3):
        Answers(db).ask(question(n))
        Answers(db).record(answer(question(n)))
    Runs(db).begin("night-1", NOW)
    rows = NightRows(db)
    rows.keep("night-1", ROWS)
    return rows


def by_id(rows: list[NightRow]) -> list[NightRow]:
    return sorted(rows, key=lambda row: row.answer_id)


def test_what_became_of_each_answer_is_kept(kept: NightRows) -> None:
    assert kept.of_run("night-1") == by_id(ROWS)


def test_keeping_again_replaces_the_rows(kept: NightRows) -> None:
    kept.keep("night-1", ROWS[:1])
    assert kept.of_run("night-1") == ROWS[:1]


def test_forgotten_answer_has_no_row_and_gets_none_again(kept: NightRows, db: Database) -> None:
    Forgetting(db).delete_answer(ROWS[0].answer_id)
    assert kept.of_run("night-1") == by_id(ROWS[1:])
    kept.keep("night-1", ROWS)
    assert kept.of_run("night-1") == by_id(ROWS[1:])


def test_rows_of_old_answers_go_with_them(kept: NightRows, db: Database) -> None:
    Retention(db).delete_questions(later(1), lambda _: None)
    assert kept.of_run("night-1") == by_id(ROWS[1:])


def test_rows_of_old_nights_go_and_the_nights_stay(kept: NightRows, db: Database) -> None:
    retention = Retention(db)
    assert retention.delete_night_rows(NOW) == 0
    assert retention.delete_night_rows(NOW + timedelta(days=1)) == 3
    assert kept.of_run("night-1") == []
    assert Runs(db).find("night-1") is not None
