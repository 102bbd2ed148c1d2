"""Decides whether a candidate may go live, by a paired bootstrap over the held-back questions.

A candidate passes if it is better with a probability of at least 80%, and no other figure is
significantly worse. With few questions it needs a large gain for that: if the differences between
single answers have a standard deviation of 0.5, agreement must rise by about 0.08 with 25
questions, 0.05 with 60 and 0.03 with 200. A candidate that is just as good as the live model passes
in one night of five; one that is worse by 0.1 passes, with 45 questions, in one night of seventy.
That is accepted because a team has tens of ratings, not thousands, and because one command undoes
a promotion.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from domain.adapters import Evaluation
from training.evaluation import ScoredAnswer, score

SURE = 0.8
"""How probable it must be that the candidate is better."""

FEWEST = 5
"""With fewer held-back questions the models are not compared."""

_RESAMPLES = 2_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Gain:
    """A mean difference, its bounds at 80%, and the share of resamples in which it is above 0."""

    mean: float
    low: float
    high: float
    sure: float


def bootstrap(differences: Sequence[float]) -> Gain:
    """The mean of ``differences``, with bounds and probability from 2,000 resamples."""
    chance = Random(_SEED)  # noqa: S311 - the same figures for the same answers, not a secret
    n = len(differences)
    means = sorted(fmean(chance.choices(differences, k=n)) for _ in range(_RESAMPLES))
    return Gain(
        mean=fmean(differences),
        low=means[int(0.1 * _RESAMPLES)],
        high=means[int(0.9 * _RESAMPLES) - 1],
        sure=sum(mean > 0 for mean in means) / _RESAMPLES,
    )


def compare(live: Sequence[ScoredAnswer], candidate: Sequence[ScoredAnswer]) -> Evaluation:
    """Compares two models' replies to the same questions, given in the same order."""
    gain = bootstrap([new.agreement - old.agreement for new, old in _pairs(candidate, live)])
    reason = _objection(live, candidate, gain)
    return Evaluation(
        questions=len(live),
        live=score(live),
        candidate=score(candidate),
        low=gain.low,
        high=gain.high,
        sure=gain.sure,
        passed=not reason,
        reason=reason
        or f"agreement rises by {gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})",
    )


def _objection(live: Sequence[ScoredAnswer], candidate: Sequence[ScoredAnswer], gain: Gain) -> str:
    """Why the candidate must not go live; empty if it may."""
    if len(live) < FEWEST:
        return f"{len(live)} held-back questions are too few to compare ({FEWEST} are needed)"
    if all(new.text == old.text for new, old in _pairs(candidate, live)):
        return "it answers every question exactly as the live model does"
    if not any(new.text for new in candidate):
        return "all of its answers are empty"
    if gain.mean <= 0:
        return "its answers agree no better with the accepted ones"
    if gain.sure < SURE:
        return f"it is better with a probability of only {gain.sure:.0%} ({SURE:.0%} is needed)"
    if _falls([new.contains - old.contains for new, old in _pairs(candidate, live)]):
        return "fewer of its answers contain the accepted one"
    if _falls([new.cited - old.cited for new, old in _pairs(candidate, live)]):
        return "fewer of its answers are supported by the passages"
    refusals = [sum(one.wrongly_refused for one in replies) for replies in (live, candidate)]
    if refusals[1] - refusals[0] > max(1, len(live) // 100):
        return f"it wrongly refuses {refusals[1]} questions, the live model {refusals[0]}"
    return ""


def _falls(differences: Sequence[float]) -> bool:
    """Whether the mean is significantly below zero."""
    return bootstrap(differences).high < 0


def _pairs(
    candidate: Sequence[ScoredAnswer], live: Sequence[ScoredAnswer]
) -> Iterator[tuple[ScoredAnswer, ScoredAnswer]]:
    return zip(candidate, live, strict=True)
