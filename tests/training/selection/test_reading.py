"""A night reads of each person the newest answers that they rated."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rated_briefly import RatedBriefly
from training.selection.left_out import LeftOut
from training.selection.reading import FEWEST, TOKENS, most_read, to_read


def one(n: int, *raters: str, wrote: bool = False, is_open: bool = True) -> RatedBriefly:
    return RatedBriefly(
        f"a{n:06}", "U9", is_open, raters, frozenset(raters if wrote else ()), is_bad=wrote
    )


def of(person: str, ids: tuple[str, ...], rated: list[RatedBriefly]) -> int:
    return sum(each.answer_id in ids and person in each.raters for each in rated)


def test_everything_is_read_where_there_is_room() -> None:
    rated = [one(n, f"U{n % 3}") for n in range(50)]
    found = to_read(rated, most=50)
    assert found.answer_ids == tuple(each.answer_id for each in rated)
    assert found.left_out == {}


@pytest.mark.slow
def test_thirty_thousand_thumbs_of_one_person_push_out_nobody_elses() -> None:
    others = [one(n, f"U{n % 20}") for n in range(2_000)]
    flood = [one(2_000 + n, "flood") for n in range(30_000)]
    found = to_read([*others, *flood], most=3_000)
    assert {each.answer_id for each in others} <= set(found.answer_ids)
    assert found.answer_ids[-1_000:] == tuple(each.answer_id for each in flood[-1_000:])
    assert len(found.left_out[LeftOut.OLD]) == 29_000


def test_thirty_thousand_thumbs_on_others_answers_push_out_nobody_elses() -> None:
    others = [one(n, f"U{n % 20}", *(["flood"] if n < 1_000 else [])) for n in range(2_000)]
    flood = [one(2_000 + n, f"U{n % 20}", "flood") for n in range(10_000)]
    found = to_read([*others, *flood], most=2_000)
    alone = Counter(each.raters[0] for each in others[1_000:] if each.answer_id in found.answer_ids)
    assert alone == {f"U{n}": 50 for n in range(20)}


def test_what_somebody_wrote_is_not_pushed_out_by_their_own_thumbs() -> None:
    wrote = [one(n, "U1", wrote=True) for n in range(10)]
    found = to_read([*wrote, *(one(10 + n, "U1") for n in range(100))], most=20)
    assert {each.answer_id for each in wrote} <= set(found.answer_ids)


def test_of_private_answers_only_bad_ones_are_read_and_they_take_no_room() -> None:
    public = [one(n, "U1") for n in range(10)]
    liked = [one(10 + n, "U2", is_open=False) for n in range(10)]
    bad = [one(20 + n, "U2", wrote=True, is_open=False) for n in range(10)]
    found = to_read([*public, *liked, *bad], most=10, most_private=5)
    assert found.answer_ids == tuple(each.answer_id for each in [*public, *bad[5:]])
    assert set(found.left_out) == {LeftOut.PRIVATE}
    assert len(found.left_out[LeftOut.PRIVATE]) == 15


def test_nothing_is_read_of_people_who_do_not_want_that() -> None:
    asked = replace(one(0, "U1"), asked_by="no")
    found = to_read([asked, one(1, "no"), one(2, "no", "U1")], {"no"}, most=9)
    assert found.answer_ids == ("a000002",)
    assert found.left_out == {LeftOut.KEPT_OUT: ("a000000", "a000001")}


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("ABCDE"), min_size=1), st.booleans(), st.booleans())
    ),
    st.integers(0, 12),
)
def test_each_answer_is_read_or_left_out_and_as_many_are_read_as_there_is_room_for(
    drawn: list[tuple[set[str], bool, bool]], most: int
) -> None:
    rated = [
        one(n, *sorted(by), wrote=wrote, is_open=is_open)
        for n, (by, wrote, is_open) in enumerate(drawn)
    ]
    found = to_read(rated, {"E"}, most=most, most_private=most)
    left = [each for ids in found.left_out.values() for each in ids]
    assert sorted([*found.answer_ids, *left]) == [each.answer_id for each in rated]
    assert list(found.answer_ids) == sorted(found.answer_ids)
    public = sum(each.is_open and each.raters != ("E",) for each in rated)
    assert sum(each.is_open and each.answer_id in found.answer_ids for each in rated) == min(
        most, public
    )


def test_a_small_night_reads_enough_to_compare_on() -> None:
    assert most_read(10_000) == FEWEST
    assert most_read(1_000_000) == 1_000_000 // TOKENS
