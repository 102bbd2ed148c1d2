"""Trials: one at a time, ended once, with the thumbs that count."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from domain.adapters import Adapter, AdapterChange, AdapterState, ChangeKind, Order
from domain.errors import RecordsError
from domain.questions import AnswerKind, Verdict
from domain.ratings import InputKind, RatingInput
from domain.trials import Tally, Thumbs, Trial, TrialEnd, Vote
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters, Answering
from records.answers import Answers
from records.database import Database
from records.ratings import Ratings
from records.trials import Trials
from tests.records.makers import adapter, answer, later, question


def accept(_: Adapter) -> None: ...


@pytest.fixture
def changes(db: Database) -> AdapterChanges:
    """``a`` is live; ``b`` and ``c`` wait; somebody asked in Slack a moment ago."""
    for n, name in enumerate("abc"):
        Adapters(db).add(adapter(name, later(n)))
    made = AdapterChanges(db, accept)
    made.promote("a", order("0"))
    asked(db, "0", None, later(1))
    return made


def order(request: str, minute: int = 1, seen: str | None = "*") -> Order:
    return Order("U1", later(minute), request, seen)


def asked(db: Database, n: str, by: str | None, at: datetime, kind: str = "slack:T1:C1:") -> str:
    one = replace(question(), id=f"{kind}{n}", thread=f"{kind}{n}", asked_at=at)
    Answers(db).ask(one)
    told = replace(answer(one), adapter=by, created_at=at)
    return Answers(db).record(told).id


def thumb(db: Database, answer_id: str, by: str, verdict: Verdict, **more: object) -> None:
    given = RatingInput(answer_id, by, InputKind.BUTTON, verdict, later(9))
    Ratings(db).give(replace(given, **more))  # type: ignore[arg-type]


def tried(changes: AdapterChanges, name: str = "b", minute: int = 2) -> Adapter:
    return changes.promote_by_night(name, order(f"night-{name}", minute), 0.2)


def state(db: Database, name: str) -> AdapterState:
    return Adapters(db).find(name).state


def test_night_puts_its_adapter_on_trial(db: Database, changes: AdapterChanges) -> None:
    assert tried(changes).state is AdapterState.CANARY
    assert Trials(db).running() == Trial("b", "a", 0.2, later(2), later(2))
    now = Adapters(db).answering()
    assert now.live
    assert now.on_trial
    assert (now.live.name, now.on_trial.name, now.share) == ("a", "b", 0.2)
    assert changes.latest(1)[0].kind is ChangeKind.TRY


def test_without_questions_in_slack_it_goes_live_at_once(
    db: Database, changes: AdapterChanges
) -> None:
    assert tried(changes, minute=20_000).state is AdapterState.LIVE
    assert Adapters(db).answering() == Answering(Adapters(db).find("b"))
    assert Trials(db).running() is None


def test_starter_is_what_it_is_compared_with_if_no_adapter_is_live(
    db: Database, changes: AdapterChanges
) -> None:
    changes.rollback(order("1"))
    changes.promote_by_night("b", order("2", 2), 0.2, against="starter-1")
    running = Trials(db).running()
    assert running
    assert running.against == "starter-1"


def test_live_adapter_of_another_base_model_is_not_what_it_is_compared_with(
    db: Database, changes: AdapterChanges
) -> None:
    Adapters(db).add(replace(adapter("d", later(4)), base_model="another-base"))
    changes.promote_by_night("d", order("2", 2), 0.2, against="starter-1")
    running = Trials(db).running()
    assert running
    assert running.against == "starter-1"


def test_only_thumbs_that_count_on_both_sides_are_votes(
    db: Database, changes: AdapterChanges
) -> None:
    before = asked(db, "1", "a", later(1))
    tried(changes)
    on_trial, other = asked(db, "2", "b", later(3)), asked(db, "3", "a", later(3))
    third, terminal = asked(db, "4", "c", later(3)), asked(db, "5", "b", later(3), "cli:")
    for one in (before, on_trial, other, third, terminal):
        thumb(db, one, "U1", Verdict.UP)
    thumb(db, on_trial, "U2", Verdict.UP, kind=InputKind.THUMB_UP)
    thumb(db, on_trial, "U2", Verdict.DOWN, at=later(10))
    thumb(db, on_trial, "U3", Verdict.DOWN, waiting=True)
    thumb(db, on_trial, "U4", Verdict.DOWN, stands=False)
    trial = Trials(db).running()
    assert trial
    votes = Trials(db).votes(trial)
    assert sorted(votes, key=str) == sorted(
        [Vote("U1", True, True), Vote("U2", True, False), Vote("U1", False, True)], key=str
    )
    assert Trials(db).tally(trial) == Tally(Thumbs(1, 1), Thumbs(1, 0))


def test_quoted_passages_are_no_answers_of_the_base_model(
    db: Database, changes: AdapterChanges
) -> None:
    changes.rollback(order("1"))
    tried(changes)
    for n, (model, kind) in enumerate((("m", AnswerKind.ANSWERED), ("", AnswerKind.QUOTED))):
        one = replace(question(), id=f"slack:T1:C1:9{n}", asked_at=later(3))
        Answers(db).ask(one)
        told = replace(answer(one), adapter=None, model=model, kind=kind, created_at=later(3))
        thumb(db, Answers(db).record(told).id, "U1", Verdict.UP)
    trial = Trials(db).running()
    assert trial
    assert Trials(db).votes(trial) == [Vote("U1", False, True)]


@pytest.mark.parametrize(
    ("ending", "live", "kind"),
    [(TrialEnd.LIVE, "b", ChangeKind.PROMOTE), (TrialEnd.WORSE, "a", ChangeKind.ROLLBACK)],
)
def test_trial_is_ended_once(
    db: Database, changes: AdapterChanges, ending: TrialEnd, live: str, kind: ChangeKind
) -> None:
    tried(changes)
    thumb(db, asked(db, "2", "b", later(3)), "U1", Verdict.DOWN)

    def end(_: int) -> AdapterChange | None:
        return changes.end_trial("b", ending, "Why.", later(5))

    with ThreadPoolExecutor(4) as pool:
        made = [one for one in pool.map(end, range(4)) if one]
    assert made == [AdapterChange(kind, live, "trial", later(5), "trial:b")]
    assert Adapters(db).live_name() == live
    assert Trials(db).running() is None
    (ended,) = Trials(db).ended()
    assert (ended.ending, ended.reason, ended.ended_at) == (ending, "Why.", later(5))
    assert ended.tally == Tally(Thumbs(0, 1), Thumbs())
    assert Trials(db).ended_of("b") == ended
    assert Trials(db).ended(later(6)) == []


def test_better_candidate_takes_the_place_of_the_one_on_trial(
    db: Database, changes: AdapterChanges
) -> None:
    tried(changes)
    tried(changes, "c", 4)
    assert (state(db, "a"), state(db, "b")) == (AdapterState.LIVE, AdapterState.RETIRED)
    assert Trials(db).running() == Trial("c", "a", 0.2, later(4), later(2))
    ended = Trials(db).ended_of("b")
    assert ended
    assert ended.ending is TrialEnd.REPLACED


def test_rollback_ends_the_trial_first(db: Database, changes: AdapterChanges) -> None:
    tried(changes)
    assert changes.rollback(order("3")).adapter == "a"
    assert state(db, "b") is AdapterState.RETIRED
    assert changes.rollback(order("4")).adapter is None


def test_adapter_on_trial_can_be_ended_also_if_what_is_live_is_broken(db: Database) -> None:
    def refuse(_: Adapter) -> None:
        raise RecordsError("It is broken.")

    Adapters(db).add(adapter("a", later(0)))
    asked(db, "1", None, later(1))
    broken = AdapterChanges(db, refuse)
    tried(broken, "a")
    assert broken.rollback(order("3")).adapter is None


@pytest.mark.parametrize("name", ["b", "c"])
def test_promotion_ends_the_trial(db: Database, changes: AdapterChanges, name: str) -> None:
    tried(changes)
    changes.promote(name, order("3", 3))
    assert Adapters(db).live_name() == name
    ended = Trials(db).ended_of("b")
    assert ended
    assert ended.ending is (TrialEnd.LIVE if name == "b" else TrialEnd.STOPPED)
    # The stack of what was live is as it would be without the trial.
    assert changes.rollback(order("4", 4)).adapter == "a"


def test_approval_makes_it_live(db: Database, changes: AdapterChanges) -> None:
    tried(changes)
    changes.approve("b", order("3", 3))
    assert Adapters(db).live_name() == "b"
    assert changes.is_approved("b")


def test_while_nights_are_on_hold_it_may_only_be_rolled_back(
    db: Database, changes: AdapterChanges
) -> None:
    tried(changes)
    changes.hold(order("3"))
    assert changes.end_trial("b", TrialEnd.LIVE, "", later(4)) is None
    assert state(db, "b") is AdapterState.CANARY
    # A later night's adapter is held beside it.
    assert tried(changes, "c", 4).state is AdapterState.HELD
    assert changes.end_trial("b", TrialEnd.WORSE, "", later(5))


def test_order_from_before_a_trial_changes_nothing(db: Database, changes: AdapterChanges) -> None:
    tried(changes)
    with pytest.raises(RecordsError, match="b is on trial by now"):
        changes.rollback(order("3", seen="a"))
    changes.rollback(order("4", seen="b"))
    with pytest.raises(RecordsError, match="somebody was faster"):
        changes.rollback(order("5", seen="b"))
    assert Adapters(db).live_name() == "a"


def test_adapter_on_trial_is_not_rejected(db: Database, changes: AdapterChanges) -> None:
    tried(changes)
    assert Adapters(db).reject("b").state is AdapterState.CANARY
    assert [one.name for one in Adapters(db).promotable(9)] == ["b"]


def test_adapters_before_are_those_that_were_live_last(
    db: Database, changes: AdapterChanges
) -> None:
    changes.promote("b", order("1", 2))
    changes.promote("c", order("2", 3))
    assert [one.name for one in Adapters(db).before("c")] == ["b", "a"]


@pytest.mark.parametrize(
    ("ending", "rolled_back"),
    [(TrialEnd.WORSE, ("b",)), (TrialEnd.UNTRIED, ()), (TrialEnd.STOPPED, ())],
)
def test_only_a_trial_that_was_tried_says_that_its_adapter_was_rolled_back(
    changes: AdapterChanges, ending: TrialEnd, rolled_back: tuple[str, ...]
) -> None:
    tried(changes)
    changes.end_trial("b", ending, "Why.", later(5))
    assert changes.rolled_back() == rolled_back


def test_who_ends_a_trial_says_that_its_adapter_was_rolled_back(changes: AdapterChanges) -> None:
    tried(changes)
    changes.rollback(order("3", 3))
    assert changes.rolled_back() == ("b",)


def test_who_approves_what_is_live_says_nothing_of_what_is_on_trial(
    changes: AdapterChanges,
) -> None:
    tried(changes)
    changes.approve("a", order("3", 3))
    changes.end_trial("b", TrialEnd.WORSE, "Why.", later(5))
    assert changes.rolled_back() == ("b",)
