"""Means, intervals and differences of the arms."""

from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.compare.makers import answer, answers
from training.compare.arms import Arm
from training.compare.figures import FIGURES, compared

ANSWERS = st.builds(answer, st.floats(0, 1), refused=st.booleans(), right=st.booleans())


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(Arm, ANSWERS)), min_size=1, max_size=12))
def test_means_are_within_their_intervals_and_differences_are_those_of_means(
    found: list[dict[Arm, object]],
) -> None:
    made = compared(found)  # type: ignore[arg-type]
    assert made.questions == len(found)
    for figures in made.arms.values():
        assert figures.keys() == FIGURES.keys()
        for name in ("f1", "contained", "refused"):
            assert figures[name].low - 1e-9 <= figures[name].mean <= figures[name].high + 1e-9
        assert 0 <= figures["wrong"].mean <= 1
    for (one, other), gain in made.differences.items():
        means = (made.arms[arm]["f1"].mean for arm in (other, one))
        assert gain.mean == pytest.approx(next(means) - next(means))


def test_differences_are_paired() -> None:
    """Hard and easy questions differ far more than the arms: unpaired, nothing would be seen."""
    made = compared([
        {Arm.BASE: answer(0.9 * (n % 2)), Arm.RAG: answer(0.9 * (n % 2) + 0.05)} for n in range(40)
    ])  # fmt: skip
    gain = made.differences[Arm.BASE, Arm.RAG]
    assert gain.low == pytest.approx(0.05)
    assert made.arms[Arm.BASE]["f1"].high - made.arms[Arm.BASE]["f1"].low > 0.2


def test_wrong_is_a_share_of_what_was_answered() -> None:
    found = [answer(refused=True, right=False)] * 6 + [answer(right=False)] + [answer()] * 3
    made = compared([{Arm.BASE: one} for one in found])
    assert made.arms[Arm.BASE]["wrong"].mean == pytest.approx(0.25)
    assert made.arms[Arm.BASE]["refused"].mean == pytest.approx(0.6)
    refused = compared([{Arm.BASE: answer(refused=True)}] * 3)
    assert refused.arms[Arm.BASE]["wrong"].mean == 0


def test_same_answers_give_the_same_figures() -> None:
    found = list(answers(30, RAG=0.2, BOTH=0.3))
    assert compared(found) == compared(found)
    assert compared(found).arms[Arm.RAG]["f1"].mean == pytest.approx(
        fmean(one[Arm.RAG].f1 for one in found)
    )
