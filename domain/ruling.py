"""When a trial ends, and how: by the sequential test, or when its time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.sequential import ENOUGH, MARGIN, evidence
from domain.trials import LONGEST, Tally, Trial, TrialEnd, Vote, counted, tally

ENOUGH_THUMBS = 20
"""With as many thumbs for the adapter on trial, the next night ends the trial."""

_FEWEST = 5
"""With fewer thumbs on a side nothing speaks against the adapter on trial."""

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

    The test decides as soon as it can. A night that begins, or the end of the longest time, decides
    by what is there: the adapter goes live unless its share of 👍 is lower by ``MARGIN`` or more.
    If that speaks against it, a night lets the trial go on; the end of the longest time ends it.
    """
    counting = counted(votes)
    found, thumbs = evidence(counting, trial.share), tally(counting)
    if found.worse >= ENOUGH:
        return Ruling(TrialEnd.WORSE, f"People rated its answers worse: {thumbs}.")
    if found.not_worse >= ENOUGH:
        return Ruling(TrialEnd.LIVE, f"People rated its answers no worse: {thumbs}.")
    is_over = now - trial.first_at >= LONGEST - _JITTER
    enough = thumbs.on_trial.count >= ENOUGH_THUMBS and night_begins
    if speaks_against(thumbs):
        if not is_over:
            return None
        return Ruling(TrialEnd.WORSE, f"Its time is over, and its thumbs are lower: {thumbs}.")
    if is_over or enough:
        return Ruling(TrialEnd.LIVE, f"Nothing speaks against it: {thumbs}.")
    return None


def speaks_against(thumbs: Tally) -> bool:
    """Whether the share of 👍 is lower by ``MARGIN`` or more, with some thumbs on both sides."""
    if min(thumbs.on_trial.count, thumbs.others.count) < _FEWEST:
        return False
    return thumbs.on_trial.rate <= thumbs.others.rate - MARGIN
