"""The migration gives answers that are stored the marks that the program gives to new ones."""

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select

import migrations
from domain.questions import AnswerKind, Verdict
from domain.ratings import InputKind, RatingInput
from records.answers import Answers
from records.database import Database
from records.ratings import Ratings
from records.tables import answer_marks
from tests.records.makers import NOW, answer, later, question


@pytest.mark.usefixtures("migrated")
def test_stored_answers_get_the_marks_of_new_ones(url: str) -> None:
    with closing(Database(url)) as database:
        answers, ratings = Answers(database), Ratings(database)
        elsewhere = replace(question(2), id="console:ab", thread="console:ab")
        for asked, kind in ((question(), AnswerKind.ANSWERED), (elsewhere, AnswerKind.REFUSED)):
            answers.ask(asked)
            made = answer(asked, kind)
            odd = replace(made.passages[0], source="\ud800ü", also=("https://a.example/",))
            answers.record(replace(made, passages=(odd, *made.passages)))
            given = RatingInput(made.id, "U7", InputKind.BUTTON, Verdict.UP, NOW)
            ratings.give(given)
            ratings.give(replace(given, kind=InputKind.THUMB_DOWN, verdict=Verdict.DOWN))
            ratings.give(replace(given, by="U8", at=later(1)))
        ratings.give(replace(given, by="U8", at=later(2), stands=False))
        before = _marks(database)
    migrations.downgrade(url, "0048")
    migrations.upgrade(url)
    with closing(Database(url)) as database:
        assert _marks(database) == before
    assert {mark for mark, *_ in before} >= {"place:console", "place:T1/C1", "unsupported"}


def _marks(database: Database) -> list[tuple[object, ...]]:
    table = answer_marks.c
    with database.reading() as connection:
        query = select(table.mark, table.at, table.answer_id).order_by(*answer_marks.c)
        return [tuple(row) for row in connection.execute(query)]
