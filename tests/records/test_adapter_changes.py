from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from domain.adapters import Adapter, AdapterChange, AdapterState, ChangeKind, Order
from domain.errors import (
    GenerationTimedOut,
    NotFound,
    Phi3Error,
    PublishFailed,
    RecordsError,
    ServerBusy,
    ServerUnavailable,
    StoreFailed,
)
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.database import Database
from records.forgetting import Forgetting
from tests.records.makers import adapter, later


class Files:
    """Refuses adapters whose files are said to be broken."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    def check(self, one: Adapter) -> None:
        if one.name in self.broken:
            raise PublishFailed(f"The weights of {one.name} are gone.")


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def changes(db: Database, files: Files) -> AdapterChanges:
    for n, name in enumerate(("a", "b")):
        Adapters(db).add(adapter(name, later(n)))
    return AdapterChanges(db, files.check)


def order(request: str, minute: int = 1, by: str = "U1", seen: str | None = "*") -> Order:
    return Order(by, later(minute), request, seen)


def at(minute: int) -> datetime:
    return later(minute)


def live(db: Database) -> str | None:
    return Adapters(db).live_name()


def test_record_says_who_did_what_and_when(changes: AdapterChanges) -> None:
    changes.promote("a", order("1", 1))
    changes.promote("b", order("2", 2, by="U2"))
    changes.approve("b", order("3", 3))
    changes.rollback(order("4", 4))
    changes.rollback(order("5", 5))
    assert changes.latest(9) == [
        AdapterChange(ChangeKind.ROLLBACK, None, "U1", at(5), "5"),
        AdapterChange(ChangeKind.ROLLBACK, "a", "U1", at(4), "4"),
        AdapterChange(ChangeKind.APPROVE, "b", "U1", at(3), "3"),
        AdapterChange(ChangeKind.PROMOTE, "b", "U2", at(2), "2"),
        AdapterChange(ChangeKind.PROMOTE, "a", "U1", at(1), "1"),
    ]
    assert changes.latest(1) == [changes.find("5")]
    assert changes.find("6") is None


def test_repeated_request_is_done_once(db: Database, changes: AdapterChanges) -> None:
    changes.promote("a", order("1"))
    changes.promote("b", order("2"))
    first = changes.rollback(order("3"))
    assert changes.rollback(order("3", 9)) == first
    assert live(db) == "a"
    assert len(changes.latest(9)) == 3


def test_order_on_what_is_no_longer_live_changes_nothing(
    db: Database, changes: AdapterChanges
) -> None:
    changes.promote("a", order("1", seen=None))
    faster = pytest.raises(RecordsError, match="a answers by now: somebody was faster")
    for wrong in (None, "b"):
        with faster:
            changes.promote("b", order("2", seen=wrong))
    changes.rollback(order("3", seen="a"))
    with pytest.raises(RecordsError, match="as it was installed answers by now"):
        changes.rollback(order("4", seen="a"))
    assert live(db) is None
    assert len(changes.latest(9)) == 2


def test_of_two_at_once_one_wins(changes: AdapterChanges, db: Database) -> None:
    changes.promote("a", order("1"))
    changes.promote("b", order("2"))

    def roll_back(request: str) -> str:
        try:
            return str(changes.rollback(order(request, seen="b")).adapter)
        except RecordsError as error:
            return error.public

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(roll_back, "3456"))
    assert sorted(told) == sorted(["a", *["a answers by now: somebody was faster."] * 3])
    assert live(db) == "a"


def test_adapter_that_cannot_be_loaded_does_not_become_live(
    db: Database, changes: AdapterChanges, files: Files
) -> None:
    changes.promote("a", order("1"))
    changes.promote("b", order("2"))
    files.broken = {"a"}
    broken = pytest.raises(PublishFailed, match="weights of a are gone")
    with broken:
        changes.rollback(order("3"))
    with broken:
        changes.promote("a", order("4"))
    assert live(db) == "b"
    assert len(changes.latest(9)) == 2
    with pytest.raises(NotFound):
        changes.promote("c", order("5"))


def test_what_is_live_or_rejected_is_not_promoted(db: Database, changes: AdapterChanges) -> None:
    changes.promote("a", order("1"))
    with pytest.raises(RecordsError, match="live already"):
        changes.promote("a", order("2"))
    Adapters(db).reject("b")
    for change in (changes.promote, changes.approve):
        with pytest.raises(RecordsError, match="rejected"):
            change("b", order("3"))


def test_approval_is_given_once_for_each_time_that_an_adapter_is_live(
    changes: AdapterChanges,
) -> None:
    changes.promote("a", order("1", 1))
    changes.approve("a", order("2", 2))
    with pytest.raises(RecordsError, match="approved already"):
        changes.approve("a", order("3", 3))
    changes.rollback(order("4", 4))
    with pytest.raises(RecordsError, match="retired by now"):
        changes.approve("a", order("5", 5))
    changes.promote("a", order("6", 6))
    assert changes.approve("a", order("7", 7)).kind is ChangeKind.APPROVE


def test_night_promotes_unless_it_is_on_hold(db: Database, changes: AdapterChanges) -> None:
    assert changes.promote_by_night("a", order("1", by="night")).state is AdapterState.LIVE
    hold = changes.hold(order("2"))
    assert changes.on_hold() == hold
    assert changes.promote_by_night("b", order("3", by="night")).state is AdapterState.HELD
    assert live(db) == "a"
    with pytest.raises(RecordsError, match="on hold already"):
        changes.hold(order("4"))

    changes.approve("b", order("5"))
    assert live(db) == "b"
    assert changes.on_hold() == hold
    changes.lift(order("6"))
    assert changes.on_hold() is None
    with pytest.raises(RecordsError, match="not on hold"):
        changes.lift(order("7"))


def test_only_the_latest_held_adapter_waits(db: Database, changes: AdapterChanges) -> None:
    changes.hold(order("1"))
    changes.promote_by_night("a", order("2"))
    changes.promote_by_night("b", order("3"))
    assert [one.name for one in Adapters(db).promotable(9)] == ["b"]
    with pytest.raises(RecordsError, match="rejected by now"):
        changes.approve("a", order("4"))


def test_person_who_is_forgotten_is_not_named_in_the_record(
    db: Database, changes: AdapterChanges
) -> None:
    made = changes.promote("a", order("adapter:T1:U7:1", by="U7"))
    assert Forgetting(db).find_person("U7") is not None
    Forgetting(db).delete_person("U7")
    (kept,) = changes.latest(9)
    assert kept == replace(made, by="", request=kept.request)
    assert "U7" not in kept.request
    assert Forgetting(db).find_person("U7") is None


def test_live_since_is_when_it_was_promoted(db: Database, changes: AdapterChanges) -> None:
    assert Adapters(db).live_since() is None
    changes.promote("a", order("1", 5))
    assert Adapters(db).live_since() == at(5)


def test_adapter_that_was_rolled_back_is_known_until_it_is_promoted_again(
    changes: AdapterChanges,
) -> None:
    assert changes.rolled_back() == ()
    changes.promote("a", order("1", 1))
    changes.promote("b", order("2", 2))
    changes.rollback(order("3", 3))
    assert changes.rolled_back() == ("b",)
    changes.promote("b", order("4", 4))
    assert changes.rolled_back() == ()


@pytest.mark.parametrize(
    "error",
    [
        ServerUnavailable("The server is away."),
        ServerBusy("It is busy."),
        GenerationTimedOut("It hangs."),
        StoreFailed("Away."),
    ],
)
def test_rollback_is_possible_while_nothing_can_be_checked(
    db: Database, changes: AdapterChanges, error: Phi3Error
) -> None:
    def check(_: Adapter) -> None:
        raise error

    changes.promote("a", order("1", 1))
    changes.promote("b", order("2", 2))
    unchecked = AdapterChanges(db, check)
    with pytest.raises(type(error)):
        unchecked.promote("a", order("3", 3))
    unchecked.rollback(order("4", 4))
    assert live(db) == "a"


@pytest.mark.parametrize(
    ("base", "order_of_live"),
    [("", ["e", "d", None]), ("other", ["e", "d", None]), (adapter("a").base_model, ["e", "c"])],
)
def test_rollback_passes_over_adapters_of_another_base_model(
    db: Database, files: Files, base: str, order_of_live: list[str | None]
) -> None:
    for n, name in enumerate("abcde"):
        one = adapter(name, later(n))
        Adapters(db).add(replace(one, base_model="other") if name in "bde" else one)
    # What is passed over cannot be loaded, and is not tried.
    files.broken = {"a", "c"} if base in ("", "other") else {"b", "d"}
    changes = AdapterChanges(db, files.check, base)
    for n, name in enumerate("acde"):
        Adapters(db).promote(name, at(n))
    seen = [live(db)]
    while len(seen) < len(order_of_live):
        changes.rollback(order(f"r{len(seen)}", 9))
        seen.append(live(db))
    assert seen == order_of_live
    # What was passed over can be promoted again, and a rollback leads back.
    files.broken = set()
    changes.promote("d", order("p", 10))
    changes.rollback(order("q", 11))
    assert live(db) == order_of_live[-1]


def test_night_that_compared_with_what_no_longer_answers_lets_an_admin_decide(
    db: Database, changes: AdapterChanges
) -> None:
    changes.promote("a", order("1", 1))
    found = changes.promote_by_night("b", order("2", 5, by="night", seen="a"))
    assert found.state is AdapterState.LIVE  # as it was seen
    changes.rollback(order("3", 6))
    for n, name in enumerate("cd"):
        Adapters(db).add(adapter(name, later(3 + n)))
    found = changes.promote_by_night("c", order("4", 7, by="night", seen="b"))
    assert found.state is AdapterState.HELD
    changes.approve("c", order("5", 8))
    found = changes.promote_by_night("d", order("6", 9, by="night", seen="a"))
    assert found.state is AdapterState.HELD
    assert live(db) == "c"


def test_change_that_took_long_to_check_is_not_overruled_by_a_night(
    db: Database, changes: AdapterChanges
) -> None:
    Adapters(db).add(adapter("c", later(3)))
    changes.promote("a", order("1", 1))
    # It was ordered before the night looked, and made after that.
    changes.promote("b", order("2", 2))
    found = changes.promote_by_night("c", order("3", 5, by="night", seen="a"))
    assert found.state is AdapterState.HELD
    assert live(db) == "b"


@pytest.mark.parametrize("is_on_hold", [True, False])
def test_night_leaves_what_was_decided_about_its_adapter_meanwhile(
    db: Database, changes: AdapterChanges, *, is_on_hold: bool
) -> None:
    if is_on_hold:
        changes.hold(order("1"))
    changes.promote("a", order("2", 2))
    Adapters(db).reject("b")
    for n, (name, state) in enumerate([("a", AdapterState.LIVE), ("b", AdapterState.REJECTED)]):
        found = changes.promote_by_night(name, order(f"n{n}", 5, by="night", seen=None))
        assert found.state is state
        assert Adapters(db).reject(name).state is state
    assert live(db) == "a"
