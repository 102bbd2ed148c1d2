"""The gate's decisions over many simulated nights; `python -m bench gate` has the whole table."""

import pytest

from bench.gate import NIGHTS, TRUTHS, Outcome, Run, lines, outcome, replies

NEW = "new ones"


@pytest.mark.slow
def test_candidates_that_grow_slowly_end_with_nine_tenths_of_what_was_offered() -> None:
    found = outcome("better by 0.003 more each night", NEW, 45, runs=12)
    assert found.ended >= 0.9 * 0.003 * NIGHTS
    assert abs(found.reported - found.ended) <= 0.05


def test_half_of_the_clearly_better_candidates_go_live_within_three_nights() -> None:
    assert outcome("better by 0.05", NEW, 45, runs=100, nights=3).soon >= 0.5


@pytest.mark.slow
def test_worse_candidates_seldom_go_live() -> None:
    assert outcome("worse by 0.03", NEW, 45, runs=24).lower <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("questions", [NEW, "the same"])
def test_equal_candidates_bring_no_invented_gain(questions: str) -> None:
    found = outcome("equal", questions, 45, runs=16)
    assert found.promotions <= 1.5
    assert abs(found.reported - found.ended) <= 0.03


def test_replies_differ_as_much_as_those_that_were_measured() -> None:
    first, after = replies()[:, 0, 0], replies()[:, 1, 0]
    assert len(first) == 75
    assert (after - first).std() == pytest.approx(0.36, abs=0.005)


def test_figures_of_runs() -> None:
    found = Outcome([Run(0.1, 0.2, (2, 9)), Run(-0.1, -0.1, ()), Run(0.0, 0.1, (4,))])
    figures = [found.ended, found.soon, found.lower, found.promotions, found.reported, found.off]
    assert figures == pytest.approx([0, 1 / 3, 1 / 3, 1, 0.2 / 3, (0.02 / 3) ** 0.5])


@pytest.mark.slow
def test_table_has_a_line_for_each_truth_and_kind_of_questions() -> None:
    table = list(lines(1, [5]))
    assert len(table) == 2 + 3 * len(TRUTHS)
    assert {line.count("|") for line in table} == {9}
