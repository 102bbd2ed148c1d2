from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers.layout import Placed, in_reading_order


def order(*rectangles: tuple[str, int, int, int, int]) -> str:
    return "".join(in_reading_order([Placed(*each) for each in rectangles]))


def test_what_stands_above_comes_first() -> None:
    assert order(("b", 0, 10, 5, 5), ("a", 3, 0, 5, 5)) == "ab"


def test_columns_that_wide_gaps_part_are_read_one_after_the_other() -> None:
    left = [("a", 0, 0, 10, 2), ("b", 0, 3, 10, 9)]
    right = [("c", 20, 0, 10, 2), ("d", 20, 3, 10, 9)]
    assert order(*right, *left) == "abcd"


def test_rows_that_wide_gaps_part_are_read_one_after_the_other() -> None:
    first = [("a", 0, 0, 10, 2), ("b", 11, 0, 10, 2)]
    second = [("c", 0, 10, 10, 2), ("d", 11, 10, 10, 2)]
    assert order(*second, *first) == "abcd"


def test_what_lies_over_each_other_is_read_from_the_top() -> None:
    assert order(("b", 0, 5, 10, 10), ("a", 5, 0, 10, 10)) == "ab"


sides = st.integers(-50, 50)


@given(st.lists(st.tuples(sides, sides, st.integers(0, 50), st.integers(0, 50)), max_size=250))
def test_nothing_is_lost(rectangles: list[tuple[int, int, int, int]]) -> None:
    placed = [Placed(n, *each) for n, each in enumerate(rectangles)]
    assert sorted(in_reading_order(placed)) == list(range(len(placed)))
