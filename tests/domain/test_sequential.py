"""The sequential test, on simulated thumbs: the figures of docs/operations.md, with fewer runs."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sequential import ENOUGH, evidence
from domain.trials import Vote

SHARE = 0.2


def thumbs(random: Random, count: int, rate: float, difference: float) -> list[Vote]:
    votes = []
    for n in range(count):
        on_trial = random.random() < SHARE
        good = random.random() < rate + difference * on_trial
        votes.append(Vote(str(n), on_trial, good))
    return votes


def shares(rate: float, difference: float, count: int = 300) -> tuple[float, float]:
    """How often the test says worse, and not worse, in 300 trials."""
    random = Random(7)
    found = [evidence(thumbs(random, count, rate, difference), SHARE) for _ in range(300)]
    worse = sum(one.worse >= ENOUGH for one in found)
    not_worse = sum(one.not_worse >= ENOUGH for one in found)
    return worse / len(found), not_worse / len(found)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.5, 0.7, 0.9])
def test_equal_adapters_are_called_worse_in_at_most_one_of_twenty_trials(rate: float) -> None:
    assert shares(rate, 0.0)[0] <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.6, 0.8])
def test_adapter_worse_by_the_margin_is_called_no_worse_in_at_most_one_of_twenty(
    rate: float,
) -> None:
    assert shares(rate, -0.1)[1] <= 0.05


@pytest.mark.slow
def test_worse_adapters_are_found_and_better_ones_too() -> None:
    assert shares(0.85, -0.2)[0] > 0.6
    assert shares(0.85, -0.4, count=100)[0] > 0.7
    assert shares(0.85, 0.1)[1] > 0.8


@given(good=st.lists(st.booleans(), max_size=40))
def test_nothing_is_said_while_only_one_side_has_thumbs(good: list[bool]) -> None:
    for on_trial in (True, False):
        found = evidence([Vote(str(n), on_trial, one) for n, one in enumerate(good)], SHARE)
        assert (found.worse, found.not_worse) == (1.0, 1.0)


@pytest.mark.parametrize("trial_first", [True, False])
def test_thumbs_of_one_side_may_come_before_those_of_the_other(trial_first: bool) -> None:
    bad = [Vote(f"a{n}", True, False) for n in range(10)]
    good = [Vote(f"b{n}", False, True) for n in range(30)]
    assert evidence(bad + good if trial_first else good + bad, SHARE).worse > ENOUGH


@given(
    votes=st.lists(st.builds(Vote, st.just("a"), st.booleans(), st.booleans()), max_size=60),
    share=st.floats(0.001, 0.9),
)
def test_more_votes_never_take_evidence_back(votes: list[Vote], share: float) -> None:
    before, after = evidence(votes[:-1], share), evidence(votes, share)
    assert after.worse >= before.worse >= 1
    assert after.not_worse >= before.not_worse >= 1
