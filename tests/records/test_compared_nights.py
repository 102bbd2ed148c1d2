"""What nights saw of their candidates is kept as numbers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.adapters import ComparedNight
from records import compared_nights
from records.adapters import Adapters
from records.compared_nights import ComparedNights
from records.database import Database
from records.runs import Runs
from tests.records.makers import NOW, adapter, finished


def night(db: Database, n: int, base: str = "Phi-3.5-mini-instruct") -> ComparedNight:
    at = NOW + timedelta(days=n)
    Adapters(db).add(replace(adapter(f"night-{n}", at), base_model=base))
    Runs(db).finish(finished(Runs(db).begin(f"run-{n}", at)))
    made = ComparedNight(f"run-{n}", "night-0" if n else None, f"night-{n}", {"q1": 0.5, "q2": -1})
    ComparedNights(db).keep(made)
    return made


def test_nights_come_back_oldest_first(db: Database) -> None:
    made = [night(db, n) for n in (0, 1, 2)]
    assert ComparedNights(db).of_base("Phi-3.5-mini-instruct") == made


def test_night_that_is_kept_again_is_kept_once(db: Database) -> None:
    made = night(db, 1)
    ComparedNights(db).keep(made)
    assert ComparedNights(db).of_base("Phi-3.5-mini-instruct") == [made]


def test_nights_of_another_base_model_say_nothing(db: Database) -> None:
    made = night(db, 0)
    night(db, 1, "Phi-4")
    assert ComparedNights(db).of_base("Phi-3.5-mini-instruct") == [made]


def test_only_the_latest_nights_are_looked_back_on(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compared_nights, "MOST", 2)
    made = [night(db, n) for n in (0, 1, 2)]
    assert ComparedNights(db).of_base("Phi-3.5-mini-instruct") == made[1:]
