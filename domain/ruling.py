"""When a trial ends, and how: by the sequential test, or when its time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.sequential import ENOUGH, MARGIN, evidence
from domain.trials import LONGEST, Tally, Trial, TrialEnd, Vote, counted, tally

ENOUGH_THUMBS = 20
"""With as many thumbs for the adapter on trial, the next night may end the trial."""

_FEWEST = 5
"""With fewer thumbs on a side nothing speaks against the adapter on trial, nor for it."""

_JITTER = timedelta(hours=6)
"""Nights do not begin at the same second."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a trial ends, and why, as a sentence for people."""

    ending: TrialEnd
    reason: str


def ruling(
    votes: Sequence[Vote], trial: Trial, now: datetime, *, night_begins: bool = False
) -> Ruling | None:
    """How the trial ends now; None if it goes on. ``votes`` are all of the trial, oldest first.

    The test decides as soon as it can. A night that begins decides if there are enough thumbs, some
    for the others too, and the adapter's share of 👍 is not lower. At the end of the longest time,
    the adapter goes live unless its share is lower by ``MARGIN`` or more.
    """
    counting = counted(votes)
    found, thumbs = evidence(counting, trial.share), tally(counting)
    if found.worse >= ENOUGH:
        return Ruling(TrialEnd.WORSE, f"People rated its answers worse: {thumbs}.")
    if found.not_worse >= ENOUGH:
        return Ruling(TrialEnd.LIVE, f"People rated its answers no worse: {thumbs}.")
    has_enough = thumbs.on_trial.count >= ENOUGH_THUMBS and thumbs.others.count >= _FEWEST
    if night_begins and has_enough and not _is_lower(thumbs, 0.0):
        return Ruling(TrialEnd.LIVE, f"Its answers are rated no lower: {thumbs}.")
    if now - trial.first_at < LONGEST - _JITTER:
        return None
    if _is_lower(thumbs, MARGIN):
        return Ruling(TrialEnd.WORSE, f"Its time is over, and it is rated lower: {thumbs}.")
    return Ruling(TrialEnd.LIVE, f"Its time is over, and nothing speaks against it: {thumbs}.")


def _is_lower(thumbs: Tally, margin: float) -> bool:
    """Whether the share of 👍 is lower by more than a margin, with some thumbs on both sides."""
    if min(thumbs.on_trial.count, thumbs.others.count) < _FEWEST:
        return False
    return thumbs.on_trial.rate < thumbs.others.rate - margin
