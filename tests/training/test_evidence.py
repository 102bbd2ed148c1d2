"""What several nights together say about adapters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.adapters import ComparedNight, Gain
from training.evidence import Evidence

LIVE = "live"
rises = st.floats(-1, 1, allow_subnormal=False)


def night(number: int, rise: float, live: str | None = LIVE, first: int = 0) -> ComparedNight:
    """40 questions from ``first`` on, half of which changed by 0.3 up, half down, besides."""
    asked = {f"q{first + n}": rise + (n % 2 or -1) * 0.3 for n in range(40)}
    return ComparedNight(f"run-{number}", live, f"night-{number}", asked)


def after(*nights: ComparedNight) -> Gain:
    """The gain of the last night's candidate over what was live then."""
    evidence = Evidence()
    for one in nights:
        evidence.add(one)
    return evidence.difference(nights[-1].candidate, nights[-1].live)


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abcdefgh"), rises, min_size=1), min_size=1, max_size=6
    )
)
def test_bounds_hold_the_best_guess_and_probabilities_are_probabilities(
    seen: list[dict[str, float]],
) -> None:
    found = after(*(ComparedNight(str(n), LIVE, f"c{n}", one) for n, one in enumerate(seen)))
    assert found.low <= found.mean <= found.high
    assert 0 <= found.sure <= found.safe + 1e-9 <= 1 + 2e-9


@given(rises)
def test_gain_of_one_night_is_smaller_than_what_was_seen(rise: float) -> None:
    assert abs(after(night(1, rise)).mean) <= abs(rise) + 1e-9


def test_more_nights_make_surer_and_new_questions_more_than_the_same_again() -> None:
    one = after(night(1, 0.05))
    same = after(*(night(n, 0.05) for n in range(8)))
    new = after(*(night(n, 0.05, first=40 * n) for n in range(8)))
    assert one.sure < same.sure < new.sure
    assert one.mean < same.mean < new.mean < 0.05


def test_growth_is_seen_although_no_night_shows_it_alone() -> None:
    grown = [night(n, 0.004 * n, first=40 * n) for n in range(40)]
    assert after(grown[1]).sure < 0.6
    evidence = Evidence()
    for one in grown:
        evidence.add(one)
    assert evidence.difference("night-39", "night-29").sure > 0.95


def test_adapters_that_never_met_are_compared_by_what_both_met() -> None:
    evidence = Evidence()
    for n in range(8):
        evidence.add(night(n, 0.1, first=40 * n))
    for n in range(8, 16):
        evidence.add(night(n, 0.0, live="night-7", first=40 * n))
    assert evidence.difference("night-15", LIVE).mean > 0.05


def test_base_model_is_compared_like_an_adapter() -> None:
    assert after(night(1, 0.3, live=None)).sure > 0.99


def test_night_without_questions_says_nothing() -> None:
    evidence = Evidence()
    evidence.add(ComparedNight("run-0", LIVE, "night-0", {}))
    assert "night-0" not in evidence
    evidence.add(night(1, 0.1))
    assert evidence.difference("night-1", LIVE) == after(night(1, 0.1))


def test_adapter_is_as_good_as_itself() -> None:
    evidence = Evidence()
    evidence.add(night(1, 0.1))
    assert evidence.difference(LIVE, LIVE).mean == pytest.approx(0)
