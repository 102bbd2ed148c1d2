from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from domain.adapters import AdapterState
from domain.errors import NotFound, RecordsError
from records.adapters import Adapters
from records.database import Database
from tests.records.makers import adapter, later


@pytest.fixture
def adapters(db: Database) -> Adapters:
    return Adapters(db)


def add(adapters: Adapters, *names: str) -> None:
    for n, name in enumerate(names):
        adapters.add(adapter(name, later(n)))


def states(adapters: Adapters) -> dict[str, str]:
    return {one.name: one.state.value for one in adapters.all()}


def live(adapters: Adapters) -> str | None:
    found = adapters.live()
    return found.name if found else None


def test_new_adapter_is_stored_and_not_live(adapters: Adapters) -> None:
    adapters.add(adapter())
    assert adapters.find("night-1") == adapter()
    assert adapters.live() is None


def test_adapters_come_newest_first(adapters: Adapters) -> None:
    add(adapters, "a", "b", "c")
    assert [one.name for one in adapters.all()] == ["c", "b", "a"]


def test_adding_the_same_adapter_again_changes_nothing(adapters: Adapters) -> None:
    adapters.add(adapter())
    adapters.promote("night-1", later(1))
    adapters.add(adapter())
    assert states(adapters) == {"night-1": "live"}


def test_another_adapter_of_the_same_name_is_refused(adapters: Adapters) -> None:
    adapters.add(adapter())
    with pytest.raises(RecordsError, match="already another adapter night-1"):
        adapters.add(replace(adapter(), sha256="1" * 64))
    assert adapters.all() == [adapter()]


def test_adapter_cannot_be_added_as_live(adapters: Adapters) -> None:
    with pytest.raises(RecordsError, match="promotion"):
        adapters.add(replace(adapter(), state=AdapterState.LIVE))
    assert adapters.all() == []


def test_unknown_adapter_is_an_error(adapters: Adapters) -> None:
    unknown = pytest.raises(NotFound, match="There is no adapter x")
    with unknown:
        adapters.find("x")
    with unknown:
        adapters.promote("x", later(1))
    with unknown:
        adapters.reject("x")


def test_promoted_adapter_takes_the_place_of_the_live_one(adapters: Adapters) -> None:
    add(adapters, "a", "b")
    adapters.promote("a", later(1))
    assert adapters.promote("b", later(2)).state is AdapterState.LIVE
    assert states(adapters) == {"a": "retired", "b": "live"}


def test_promoting_the_live_adapter_changes_nothing(adapters: Adapters) -> None:
    add(adapters, "a", "b")
    adapters.promote("a", later(1))
    adapters.promote("b", later(2))
    adapters.promote("b", later(3))
    adapters.rollback(later(4))
    assert live(adapters) == "a"


def test_rejected_adapter_never_goes_live(adapters: Adapters) -> None:
    add(adapters, "a", "b")
    adapters.promote("a", later(1))
    assert adapters.reject("b").state is AdapterState.REJECTED
    with pytest.raises(RecordsError, match="rejected"):
        adapters.promote("b", later(2))
    assert states(adapters) == {"a": "live", "b": "rejected"}


def test_only_what_nobody_decided_about_is_rejected(adapters: Adapters) -> None:
    add(adapters, "a", "b", "c")
    adapters.promote("a", later(1))
    adapters.promote("b", later(2))
    assert [adapters.reject(name).state for name in "abc"] == ["retired", "live", "rejected"]
    assert states(adapters) == {"a": "retired", "b": "live", "c": "rejected"}


def test_rolling_back_ends_at_the_base_model(adapters: Adapters) -> None:
    add(adapters, "a", "b")
    adapters.promote("a", later(1))
    adapters.promote("b", later(2))
    back = adapters.rollback(later(3))
    assert back is not None
    assert back.name == "a"
    assert states(adapters) == {"a": "live", "b": "retired"}
    assert adapters.rollback(later(4)) is None
    assert states(adapters) == {"a": "retired", "b": "retired"}
    with pytest.raises(NotFound, match="as it was installed"):
        adapters.rollback(later(5))


def test_adapter_promoted_again_does_not_make_rollbacks_circular(adapters: Adapters) -> None:
    add(adapters, "a", "b")
    for minute, name in enumerate(["a", "b", "a"]):
        adapters.promote(name, later(minute))
    seen = [live(adapters)]
    while adapters.rollback(later(9)):
        seen.append(live(adapters))
    assert seen == ["a", "b"]


def test_promotions_at_once_leave_one_live_adapter(adapters: Adapters) -> None:
    names = [f"night-{n}" for n in range(8)]
    add(adapters, "first", *names)
    adapters.promote("first", later(0))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: adapters.promote(name, later(1)), names))
    kept = list(states(adapters).values())
    assert sorted(kept) == ["live"] + ["retired"] * 8
    seen = {live(adapters)}
    while adapters.rollback(later(9)):
        seen.add(live(adapters))
    assert seen == {"first", *names}


def test_promotions_and_rollbacks_at_once_leave_at_most_one_live_adapter(
    adapters: Adapters,
) -> None:
    names = [f"night-{n}" for n in range(6)]
    add(adapters, "first", *names)
    adapters.promote("first", later(0))

    def change(name: str) -> None:
        adapters.promote(name, later(1))
        adapters.rollback(later(2))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change, names))
    assert live(adapters) == "first"
    assert sorted(states(adapters).values()) == ["live"] + ["retired"] * 6
