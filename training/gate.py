"""Whether a candidate may go live: a paired bootstrap over the held-back questions.

A candidate passes where it is better by four chances in five, and nothing else gets worse beyond
noise. With few questions only a large gain is so sure: where single answers differ by 0.5 (their
standard deviation), about 0.08 more agreement is needed at 25 questions, 0.05 at 60, 0.03 at 200.
An equally good candidate passes one night in five, one worse by 0.1 at 45 questions one in seventy:
a team has tens of ratings, not thousands, and one command takes back what went live.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from domain.adapters import Evaluation
from training.evaluation import ScoredAnswer, score

SURE = 0.8
"""How likely a gain has to be."""

FEWEST = 5
"""Held-back questions below which nothing can be told."""

_RESAMPLES = 2_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Gain:
    """A mean difference with its bounds at 80%, and in what share of resamples it is above 0."""

    mean: float
    low: float
    high: float
    sure: float


def bootstrap(differences: Sequence[float]) -> Gain:
    """The mean of ``differences``, and how far 2,000 resamples of them agree on it."""
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
    """``candidate`` against ``live``, the replies to the same questions in the same order."""
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
    """Why the candidate must not go live; empty: it may."""
    if len(live) < FEWEST:
        return f"{len(live)} held-back questions are too few to tell ({FEWEST} are needed)"
    if all(new.text == old.text for new, old in _pairs(candidate, live)):
        return "it answers every question as the live model does, to the letter"
    if not any(new.text for new in candidate):
        return "all of its answers are empty"
    if gain.mean <= 0:
        return "its answers agree no better with the accepted ones"
    if gain.sure < SURE:
        return f"that it is better is only {gain.sure:.0%} likely ({SURE:.0%} is needed)"
    if _falls([new.contains - old.contains for new, old in _pairs(candidate, live)]):
        return "fewer of its answers hold the accepted one"
    if _falls([new.cited - old.cited for new, old in _pairs(candidate, live)]):
        return "fewer of its answers are supported by the passages"
    refusals = [sum(one.wrongly_refused for one in replies) for replies in (live, candidate)]
    if refusals[1] - refusals[0] > max(1, len(live) // 100):
        return f"it wrongly refuses {refusals[1]} questions, not {refusals[0]}"
    return ""


def _falls(differences: Sequence[float]) -> bool:
    """Whether the mean is below zero beyond noise."""
    return bootstrap(differences).high < 0


def _pairs(
    candidate: Sequence[ScoredAnswer], live: Sequence[ScoredAnswer]
) -> Iterator[tuple[ScoredAnswer, ScoredAnswer]]:
    return zip(candidate, live, strict=True)
