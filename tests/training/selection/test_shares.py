"""The shares of a night's rows, without the people's ratings that they come from."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters import Example, Origin
from tests.training.makers import example
from training.replay import count
from training.selection.left_out import LeftOut
from training.selection.shares import Chosen, Night, choose, choose_to_compare, shares
from training.selection.weights import units, weighted

calm = settings(deadline=None)
ROWS = [example(n) for n in range(200)]

kinds = st.sampled_from([Origin.THUMB_UP, Origin.CORRECTION, Origin.QUOTE])
people = st.sets(st.sampled_from("abcdefgh"), min_size=1, max_size=6).map(sorted).map(tuple)
alone = st.sampled_from("abcdefgh").map(lambda one: (one,))


def made(of: list[tuple[tuple[str, ...], Origin]]) -> list[Example]:
    return [replace(row, by=by, origin=origin) for row, (by, origin) in zip(ROWS, of, strict=False)]


def chosen(rows: list[Example], *, starters: int = 0, room: int = 10**9) -> Chosen:
    raters = len({person for row in rows for person in row.by})
    return choose(rows, Night(raters, room, lambda _: 10, starters=lambda _: starters))


populations = st.lists(st.tuples(people, kinds), max_size=150)


@calm
@given(populations, st.integers(0, 40), st.integers(0, 2000))
def test_no_person_and_no_few_people_give_more_than_a_fifth(
    of: list[tuple[tuple[str, ...], Origin]], starters: int, room: int
) -> None:
    rows = made(of)
    found = chosen(rows, starters=starters, room=room)
    if len({person for row in rows for person in row.by}) < 3:
        return
    whole = len(found.rows) + starters
    assert all(share <= 0.2 for share in shares(found, starters).values())
    few = Counter(row.by for row in found.rows if len(row.by) < 3)
    assert all(5 * n <= whole for n in few.values())
    for pair in {row.by for row in found.rows if len(row.by) == 2}:
        theirs = sum(set(row.by) <= set(pair) for row in found.rows)
        assert 5 * theirs <= 2 * whole
    corrections = [row.by for row in found.rows if row.origin is Origin.CORRECTION]
    assert all(5 * n <= len(corrections) for by, n in Counter(corrections).items() if len(by) == 1)
    weights = Counter[tuple[str, ...]]()
    for row in weighted(found.rows):
        weights[row.by] += row.weight  # type: ignore[assignment]
    assert all(n <= 0.2 * whole + 1e-6 for by, n in weights.items() if len(by) < 3)


@calm
@given(populations, st.integers(0, 2000))
def test_every_row_is_chosen_or_left_out_and_the_night_is_not_overfilled(
    of: list[tuple[tuple[str, ...], Origin]], room: int
) -> None:
    rows = made(of)
    found = chosen(rows, room=room)
    ids = [row.answer_id for row in found.rows] + [row.answer_id for _, row in found.left_out]
    assert sorted(ids) == sorted(row.answer_id for row in rows)
    assert 10 * len(found.rows) <= room
    assert found.rows == chosen(rows, room=room).rows


@calm
@given(st.lists(alone, max_size=150), st.integers(0, 40))
def test_of_what_people_say_alone_as_much_is_chosen_as_the_rule_lets(
    by: list[tuple[str, ...]], starters: int
) -> None:
    rows = made([(one, Origin.THUMB_UP) for one in by])
    if len(set(by)) < 3:
        assert len(chosen(rows, starters=starters).rows) == len(rows)
        return
    given_ = Counter(by).values()
    best = max(
        total
        for most in range(len(rows) + 1)
        if 5 * min(most, max(given_)) <= (total := sum(min(n, most) for n in given_)) + starters
    )
    assert len(chosen(rows, starters=starters).rows) == best


@calm
@given(st.lists(st.tuples(alone, kinds), min_size=1, max_size=120))
def test_one_row_more_changes_the_choice_by_a_few(of: list[tuple[tuple[str, ...], Origin]]) -> None:
    base = made([((one,), Origin.THUMB_UP) for one in "abcdefgh"] + of)
    less = [row for row in base if row.answer_id != base[-1].answer_id]
    assert abs(len(chosen(base).rows) - len(chosen(less).rows)) <= 10


@given(st.lists(st.tuples(alone, kinds), max_size=150))
def test_weights_have_the_mean_one_and_a_thumb_half_of_a_correction(
    of: list[tuple[tuple[str, ...], Origin]],
) -> None:
    rows = weighted(made(of))
    assert abs(sum(row.weight for row in rows) - len(rows)) < 1e-6
    assert len({round(row.weight / units(row), 9) for row in rows}) <= 1


@pytest.mark.slow
def test_three_people_alone_get_as_many_rows_as_starter_rows_carry() -> None:
    rows = made([((f"U{n % 3}",), Origin.THUMB_UP) for n in range(150)])
    found = choose(rows, Night(3, 10**9, lambda _: 10, starters=count))
    assert len(found.rows) == 45  # with 30 starter rows a fifth is 15
    assert max(shares(found, count(45)).values()) == 0.2
    assert {reason for reason, _ in found.left_out} == {LeftOut.CAPPED}


def test_newest_rows_of_a_person_are_taken_first() -> None:
    rows = made([((f"U{n % 10}",), Origin.THUMB_UP) for n in range(60)])
    loud = [replace(example(n), by=("loud",), origin=Origin.THUMB_UP) for n in range(60, 120)]
    found = chosen([*loud, *rows])
    theirs = [row for row in found.rows if row.by == ("loud",)]
    assert theirs == loud[: len(theirs)]
    assert len(theirs) == 15


def compared(rows: list[Example], raters: int, most: int = 300) -> Counter[tuple[str, ...]]:
    return Counter(row.by for row in choose_to_compare(rows, raters, most).rows)


def given_by(counts: dict[str, int], origin: Origin = Origin.THUMB_UP) -> list[Example]:
    people_of = [(person,) for person, n in counts.items() for _ in range(n)]
    return [
        replace(example(n), by=by, origin=origin, answer_id=f"{origin}{n}")
        for n, by in enumerate(people_of)
    ]


def test_nobody_decides_alone_which_model_is_better() -> None:
    others = given_by({f"U{n}": 5 for n in range(9)})
    found = compared([*given_by({"loud": 74}, Origin.CORRECTION), *others], raters=10)
    assert found[("loud",)] == 11
    assert found.total() == 45 + 11
    assert compared(given_by({"loud": 74}), raters=3).total() == 1
    assert compared(given_by({"loud": 74}), raters=2).total() == 74


def test_a_small_team_that_rates_alike_compares_all_of_its_rows() -> None:
    for people_there in ("abc", "abcd"):
        rows = given_by(dict.fromkeys(people_there, 15) | {"seldom": 1})
        assert compared(rows, raters=5).total() == len(rows)
    assert compared(given_by({"a": 80, "b": 10, "c": 1}), raters=3) == {
        ("a",): 10,
        ("b",): 10,
        ("c",): 1,
    }
    assert compared(given_by({"a": 1, "b": 1}), raters=6).total() == 2


@calm
@given(populations, st.integers(1, 60))
def test_rows_that_are_compared_on_are_as_many_as_there_is_room_for(
    of: list[tuple[tuple[str, ...], Origin]], most: int
) -> None:
    rows = made(of)
    raters = len({person for row in rows for person in row.by})
    found = choose_to_compare(rows, raters, most)
    assert len(found.rows) <= most
    assert len(found.rows) + len(found.left_out) == len(rows)
    if raters < 3:
        return
    alone = sorted((n for who, n in found.given.items() if len(who) == 1), reverse=True)
    most_of_one, second = [*alone, 0, 0][:2]
    assert most_of_one <= max(len(found.rows) // 5, second, 1)
