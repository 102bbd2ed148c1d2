"""What a night does about the adapter on trial."""

from datetime import timedelta

import pytest

from domain.adapters import Adapter, AdapterState, Order, Outcome
from domain.questions import Verdict
from domain.trials import LONGEST, TrialEnd
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.database import Database
from records.runs import Runs
from records.trials import Trials
from tests.records.makers import NOW, adapter, finished, later
from tests.records.test_trials import accept, asked, thumb
from training.canary import Canary

BASE = adapter().base_model


@pytest.fixture
def canary(db: Database) -> Canary:
    """``a`` is live, ``b`` is on trial since minute 2."""
    for n, name in enumerate("abc"):
        Adapters(db).add(adapter(name, later(n)))
    Adapters(db).promote("a", NOW)
    asked(db, "0", None, later(1))
    made = at_night(db, BASE)
    made.promote(Adapters(db).find("b"), Order("night", later(2), "1", made.seen()))
    return made


def at_night(db: Database, base: str) -> Canary:
    changes = AdapterChanges(db, accept)
    return Canary(Adapters(db), changes, Trials(db), base, starter="starter-1", share=0.2)


def rated(db: Database, by: str, first: int, good: int, bad: int) -> None:
    for n in range(good + bad):
        answer_id = asked(db, str(first + n), by, later(3))
        verdict = Verdict.UP if 7 * n % (good + bad) < good else Verdict.DOWN
        thumb(db, answer_id, f"U{n}", verdict)


def state(db: Database, name: str) -> AdapterState:
    return Adapters(db).find(name).state


def test_night_compares_with_the_adapter_on_trial(db: Database, canary: Canary) -> None:
    assert canary.to_beat() == "b"
    assert at_night(db, "another-base").to_beat() == "starter-1"


def test_candidate_that_is_better_takes_its_place(db: Database, canary: Canary) -> None:
    assert canary.seen() == "b"
    candidate = canary.promote(Adapters(db).find("c"), Order("night", later(9), "2", "b"))
    assert candidate.state is AdapterState.CANARY
    assert canary.answers_no_more("b")
    assert not canary.answers_no_more("a")
    told = canary.told(finished(Runs(db).begin("run-1", NOW), Outcome.PROMOTED), candidate)
    assert told.reason.endswith("On trial: it first answers 20% of the threads in Slack.")


@pytest.mark.slow
def test_night_ends_a_trial_with_enough_thumbs(db: Database, canary: Canary) -> None:
    rated(db, "a", 100, 30, 10)
    rated(db, "b", 200, 15, 5)
    canary.end_trial(later(60))
    assert Adapters(db).live_name() == "b"
    assert canary.to_beat() == "b"


def test_night_lets_a_trial_with_few_thumbs_go_on_for_a_week(db: Database, canary: Canary) -> None:
    canary.end_trial(later(60))
    assert state(db, "b") is AdapterState.CANARY
    canary.end_trial(later(2) + LONGEST - timedelta(minutes=5))
    assert state(db, "b") is AdapterState.LIVE


def test_night_rolls_back_what_people_rated_worse(db: Database, canary: Canary) -> None:
    rated(db, "a", 100, 40, 0)
    rated(db, "b", 200, 0, 10)
    canary.end_trial(later(60))
    assert (state(db, "a"), state(db, "b")) == (AdapterState.LIVE, AdapterState.RETIRED)
    assert canary.to_beat() == "a"


def test_trial_of_another_base_model_ends(db: Database, canary: Canary) -> None:
    del canary
    at_night(db, "another-base").end_trial(later(60))
    assert state(db, "b") is AdapterState.RETIRED
    ended = Trials(db).ended_of("b")
    assert ended
    assert ended.ending is TrialEnd.STOPPED


def test_starter_answers_while_no_adapter_is_live(db: Database) -> None:
    made: Adapter = adapter("a", NOW)
    Adapters(db).add(made)
    assert not at_night(db, BASE).answers_no_more("starter-1")
    Adapters(db).promote("a", NOW)
    assert at_night(db, BASE).answers_no_more("starter-1")
