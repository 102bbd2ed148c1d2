"""When a trial ends, and how."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ruling import Ruling, ruling
from domain.trials import LONGEST, Trial, TrialEnd, Vote

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATE = NOW + LONGEST


def trial(first_at: datetime = NOW) -> Trial:
    return Trial("night-2", "night-1", 0.2, NOW, first_at)


def votes(trial_up: int, trial_down: int, others_up: int, others_down: int) -> list[Vote]:
    """Each of a person of their own; both sides, and good and bad ones, in the same time."""
    sides = [
        [Vote(f"{on_trial}{n}", on_trial, 7 * n % (up + down) < up) for n in range(up + down)]
        for on_trial, up, down in ((True, trial_up, trial_down), (False, others_up, others_down))
        if up + down
    ]
    places = [(n / len(side), vote) for side in sides for n, vote in enumerate(side)]
    return [vote for _, vote in sorted(places, key=lambda one: one[0])]


def ending(found: Ruling | None) -> TrialEnd | None:
    return found.ending if found else None


@pytest.mark.parametrize("night_begins", [True, False])
def test_thumbs_decide_at_any_time(night_begins: bool) -> None:
    bad, good = votes(0, 12, 48, 0), votes(80, 0, 320, 0)
    assert ending(ruling(bad, trial(), NOW, night_begins=night_begins)) is TrialEnd.WORSE
    found = ruling(good, trial(), NOW, night_begins=night_begins)
    assert found == Ruling(
        TrialEnd.LIVE,
        "People rated its answers no worse: 👍 80 of 80 on trial, 320 of 320 of the others.",
    )


def test_without_thumbs_the_trial_goes_on_for_a_week_and_then_nothing_speaks_against_it() -> None:
    assert ruling([], trial(), NOW, night_begins=True) is None
    assert ruling([], trial(), LATE - timedelta(days=1), night_begins=True) is None
    assert ending(ruling([], trial(), LATE)) is TrialEnd.LIVE


def test_with_twenty_thumbs_the_next_night_ends_it_if_they_are_not_lower() -> None:
    enough, too_few = votes(15, 5, 60, 20), votes(14, 5, 60, 20)
    assert ruling(enough, trial(), NOW) is None
    assert ending(ruling(enough, trial(), NOW, night_begins=True)) is TrialEnd.LIVE
    assert ruling(too_few, trial(), NOW, night_begins=True) is None


@pytest.mark.parametrize("others", [0, 4])
def test_without_thumbs_for_the_others_the_next_night_lets_it_go_on(others: int) -> None:
    for bad, good in ((20, 0), (0, 20)):
        found = votes(good, bad, others, 0)
        assert ruling(found, trial(), NOW, night_begins=True) is None
    assert ending(ruling(votes(20, 0, 5, 0), trial(), NOW, night_begins=True)) is TrialEnd.LIVE


def test_lower_thumbs_let_it_go_on_and_roll_it_back_at_the_end() -> None:
    lower = votes(13, 7, 64, 16)
    assert ruling(lower, trial(), NOW, night_begins=True) is None
    assert ending(ruling(lower, trial(), LATE)) is TrialEnd.WORSE


def test_row_of_trials_ends_a_week_after_the_first() -> None:
    first_at = NOW - LONGEST
    assert ending(ruling([], trial(first_at), NOW, night_begins=True)) is TrialEnd.LIVE
