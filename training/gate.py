"""Whether a candidate may go live: a paired bootstrap over the held-back questions.

A candidate passes where f1 rises, surely does not fall, and nothing else gets worse beyond noise.
With few questions the interval is wide, so only a large gain passes: where single answers' f1
differ by 0.4 (their standard deviation), about 0.1 more f1 is needed at 25 questions, 0.06 at 60,
0.03 at 200. An equally good candidate seldom passes: the live one stays, and more ratings decide.
"""

from collections.abc import Sequence
from random import Random
from statistics import fmean

from domain.adapters import Evaluation
from training.evaluation import Reply, score

MARGIN = 0.01
"""How much worse in f1 a candidate may be at the interval's lower end."""

FEWEST = 5
"""Held-back questions below which nothing can be told."""

_RESAMPLES = 2_000
_SEED = 7


def bootstrap(differences: Sequence[float]) -> tuple[float, float]:
    """The bounds of the mean difference at 80%, so nine in ten that it is above the lower one.

    The middle of the means of 2,000 resamples.
    """
    chance = Random(_SEED)  # noqa: S311 - the same figures for the same answers, not a secret
    n = len(differences)
    means = sorted(fmean(chance.choices(differences, k=n)) for _ in range(_RESAMPLES))
    return means[int(0.1 * _RESAMPLES)], means[int(0.9 * _RESAMPLES) - 1]


def compare(live: Sequence[Reply], candidate: Sequence[Reply]) -> Evaluation:
    """``candidate`` against ``live``, the replies to the same questions in the same order."""
    gains = [new.f1 - old.f1 for new, old in zip(candidate, live, strict=True)]
    low, high = bootstrap(gains)
    reason = _objection(live, candidate, low)
    return Evaluation(
        questions=len(live),
        live=score(live),
        candidate=score(candidate),
        low=low,
        high=high,
        passed=not reason,
        reason=reason or f"f1 rises by {fmean(gains):+.3f} ({low:+.3f} to {high:+.3f})",
    )


def _objection(live: Sequence[Reply], candidate: Sequence[Reply], low: float) -> str:
    """Why the candidate must not go live; empty: it may."""
    if len(live) < FEWEST:
        return f"{len(live)} held-back questions are too few to tell ({FEWEST} are needed)"
    if all(new.text == old.text for new, old in zip(candidate, live, strict=True)):
        return "it answers every question as the live model does, to the letter"
    if not any(new.text for new in candidate):
        return "all of its answers are empty"
    if fmean(new.f1 - old.f1 for new, old in zip(candidate, live, strict=True)) <= 0:
        return "its f1 is no better"
    if low < -MARGIN:
        return f"f1 may fall by {-low:.3f} (at most {MARGIN} is allowed)"
    if _falls([n.contains - o.contains for n, o in zip(candidate, live, strict=True)]):
        return "fewer of its answers hold the accepted one"
    if _falls([n.cited - o.cited for n, o in zip(candidate, live, strict=True)]):
        return "fewer of its answers are supported by the passages"
    refusals = [sum(one.wrongly_refused for one in replies) for replies in (live, candidate)]
    if refusals[1] - refusals[0] > max(1, len(live) // 100):
        return f"it wrongly refuses {refusals[1]} questions, not {refusals[0]}"
    return ""


def _falls(differences: Sequence[float]) -> bool:
    """Whether the mean is below zero beyond noise."""
    return bootstrap(differences)[1] < 0
