from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters import Example, Origin
from domain.prompt import REFUSAL
from tests.training.makers import example
from training.replay import FEWEST, night_of, sample, sample_pairs, with_replay
from training.starter import starter_examples

ROWS = starter_examples()


def own(n: int) -> list[Example]:
    return [example(i) for i in range(n)]


def replayed(rows: list[Example], *, near: bool = False) -> list[Example]:
    found = with_replay(rows, near=near)
    assert found[: len(rows)] == rows
    return found[len(rows) :]


def kinds(rows: list[Example]) -> Counter[tuple[bool, bool]]:
    return Counter((row.completion == REFUSAL, len(row.prompt) > 2) for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "starter"), [(0, 0), (5, 5), (40, FEWEST), (200, 50), (2000, 500)])
def test_fifth_of_all_rows_is_replayed_and_more_if_there_are_few(n: int, starter: int) -> None:
    rows = replayed(own(n))
    assert len({row.answer_id for row in rows}) == len(rows) == starter
    assert {row.origin for row in rows} <= {Origin.STARTER}


@pytest.mark.slow
@pytest.mark.parametrize("near", [False, True])
def test_refusals_and_follow_ups_keep_their_shares(near: bool) -> None:
    known = starter_examples(near=near)
    rows, all_of_them = kinds(replayed(own(400), near=near)), kinds(known)
    for kind, count in all_of_them.items():
        assert abs(rows[kind] - 100 * count / len(known)) < 2  # they come in pairs


def pairs(rows: list[Example]) -> float:
    """The share of the rows that stand beside one about the same passages."""
    both = list(zip(rows[::2], rows[1::2], strict=True))
    return sum(one.passages == other.passages for one, other in both) / len(both)


@pytest.mark.slow
def test_small_models_replay_rows_in_pairs_about_the_same_passages() -> None:
    assert pairs(replayed(own(400))) > 0.8
    assert pairs(replayed(own(400), near=True)) < 0.2


@pytest.mark.slow
def test_other_night_replays_other_rows_and_the_same_night_the_same() -> None:
    one, other = replayed(own(60)), replayed(own(61))
    assert one == replayed(own(60)[::-1])
    shared = {row.answer_id for row in one} & {row.answer_id for row in other}
    assert len(shared) < len(one) / 2


@pytest.mark.slow
def test_near_questions_are_replayed_for_large_models_only() -> None:
    everyday = {row.answer_id for row in starter_examples()}
    assert {row.answer_id for row in replayed(own(400))} <= everyday
    large = replayed(own(400), near=True)
    assert 5 <= sum(row.answer_id not in everyday for row in large) <= 20


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(count=st.integers(0, 1000), night=st.text())
def test_sample_has_as_many_different_rows_as_asked_for(count: int, night: str) -> None:
    for found in (sample(ROWS, count, night), sample_pairs(ROWS, count, night)):
        assert len({row.answer_id for row in found}) == len(found) == min(count, len(ROWS))


@given(there_are=st.integers(0, 9), count=st.integers(0, 12))
def test_small_samples_are_whole_too(there_are: int, count: int) -> None:
    rows = own(there_are)
    for found in (sample(rows, count, "night"), sample_pairs(rows, count, "night")):
        assert len({row.answer_id for row in found}) == len(found) == min(count, there_are)


def test_nights_are_told_apart_by_their_rows() -> None:
    assert night_of(own(3)) == night_of(own(3)[::-1]) != night_of(own(4))
