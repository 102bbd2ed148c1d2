"""When parts fail in a soak."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bench.soak.timetable import LEAD, Fault, timetable


@given(st.floats(60, 7_200), st.integers())
def test_one_fault_ends_before_the_next_begins_and_all_lie_within_the_run(
    seconds: float, seed: int
) -> None:
    planned = timetable(seconds, seed)
    assert planned
    assert planned[0].at >= LEAD
    assert planned[-1].ends <= seconds - LEAD + 1
    for one, following in pairwise(planned):
        assert one.at <= one.ends < following.at


def test_an_hour_has_each_fault_twice_and_the_same_seed_the_same_faults() -> None:
    planned = timetable(3_600, 7)
    assert sorted(one.fault for one in planned) == sorted([*Fault, *Fault])
    assert planned == timetable(3_600, 7)
    assert planned != timetable(3_600, 8)
