"""What all nights together say about which adapter is better, and by how much.

One night's questions are too few to tell a gain of 0.02 from luck. But a night's candidate is
trained from the same base on nearly the same rows as the one before, so what earlier nights showed
says something about it too. All their figures are put into one normal model, a Gaussian process:

- an adapter's quality is the trend of the nights at its night, plus a deviation of its own;
- an adapter's answers to the questions asked are better or worse than its quality by chance, which
  stays the same as long as the same questions are asked: asking again adds nothing.

How much nights differ is not known, so several pictures of it are kept (``PICTURES``), each with
the weight that it has after what was seen (empirical Bayes). Gains come out shrunk: the best of
many equal candidates had luck, and the model expects that.
"""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from domain.adapters import ComparedNight, Gain

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Picture:
    """How nights may differ, as standard deviations of agreement; ``weight`` is the one before
    anything was seen.

    ``first``: what was live before the nights, from the first candidate. ``drift``: how much the
    candidates grow or fall each night. ``own``: a candidate, from the trend.
    """

    first: float
    drift: float
    own: float
    weight: float


PICTURES = (
    Picture(first=0.07, drift=0.0005, own=0.004, weight=0.225),
    Picture(first=0.07, drift=0.0005, own=0.016, weight=0.225),
    Picture(first=0.07, drift=0.004, own=0.004, weight=0.225),
    Picture(first=0.07, drift=0.004, own=0.016, weight=0.225),
    Picture(first=0.3, drift=0.004, own=0.1, weight=0.1),
)
"""The trend is steady or grows, and candidates are alike or not; in the last picture a single night
may change much, as the first one after the base model does."""

_STEP = 0.001
"""The standard deviation of what the trend changes from one night to the next besides."""

_VARIANCE, _AS_SEEN_IN = 0.1, 20
"""The variance of the difference between two models' answers to one question, before any was seen,
and how many questions that counts for. `bench/gate_replies.py` measured it."""

TOLERATED = 0.02
"""A loss of agreement that is hardly noticed."""

_HALF_OF = 1.2816
"""80% of a normal distribution lie within so many standard deviations."""


class Evidence:
    """The nights that compared adapters of one base model, oldest first.

    ``difference`` takes about a millisecond with 60 nights.
    """

    def __init__(self) -> None:
        self._adapters: dict[str | None, int] = {}
        self._born: list[int] = []  # a candidate's night from 1, else 0
        self._live: list[int] = []
        self._candidate: list[int] = []
        self._asked: list[frozenset[str]] = []
        self._means: list[float] = []
        self._luck: Floats = np.zeros((0, 0))
        self._squares, self._freedom = _VARIANCE * _AS_SEEN_IN, float(_AS_SEEN_IN)

    def add(self, night: ComparedNight) -> None:
        """Adds a night, which must be newer than the others. Without questions it says nothing."""
        if not night.differences:
            return
        self._live.append(self._number(night.live, born=0))
        self._candidate.append(self._number(night.candidate, born=len(self._asked) + 1))
        self._asked.append(frozenset(night.differences))
        self._note_luck()
        mean = sum(night.differences.values()) / len(night.differences)
        self._means.append(mean)
        self._squares += sum((one - mean) ** 2 for one in night.differences.values())
        self._freedom += len(night.differences) - 1

    def __contains__(self, adapter: str | None) -> bool:
        return adapter in self._adapters

    def difference(self, adapter: str | None, other: str | None) -> Gain:
        """By how much ``adapter`` is better than ``other``. Both must be known."""
        one, two = self._adapters[adapter], self._adapters[other]
        before = self._before()
        wanted = before[:, one] - before[:, two]
        seen = before[:, self._candidate] - before[:, self._live]
        # The covariance of the nights' means: of the qualities, and of luck with the questions.
        spread = seen[:, :, self._candidate] - seen[:, :, self._live]
        spread += self._squares / self._freedom / 2 * self._luck
        lower = np.linalg.cholesky(spread)
        cross = wanted[:, self._candidate] - wanted[:, self._live]
        means = np.broadcast_to(np.array(self._means), cross.shape)
        solved = np.linalg.solve(lower, np.stack([means, cross], axis=2))
        surprise = (solved[:, :, 0] ** 2).sum(axis=1) / 2
        size = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        likely = _WEIGHTS - surprise - size
        variance = wanted[:, one] - wanted[:, two] - (solved[:, :, 1] ** 2).sum(axis=1)
        return _mixed(
            np.exp(likely - likely.max()),
            (solved[:, :, 0] * solved[:, :, 1]).sum(axis=1),
            np.sqrt(np.maximum(variance, 1e-12)),
        )

    def _number(self, adapter: str | None, born: int) -> int:
        if adapter not in self._adapters:
            self._adapters[adapter] = len(self._adapters)
            self._born.append(born)
        return self._adapters[adapter]

    def _note_luck(self) -> None:
        """Adds the newest night to the covariances of the nights' luck.

        Each adapter has its own luck with each question. So two nights share luck as far as they
        compared the same adapter on the same questions.
        """
        asked, live, candidate = self._asked[-1], self._live[-1], self._candidate[-1]
        row = [
            ((live == its_live) + (candidate == its) - (live == its) - (candidate == its_live))
            * len(asked & others)
            / (len(asked) * len(others))
            for others, its_live, its in zip(self._asked, self._live, self._candidate, strict=True)
        ]
        grown = np.zeros((len(row), len(row)))
        grown[:-1, :-1] = self._luck
        grown[-1, :] = grown[:, -1] = row
        self._luck = grown

    def _before(self) -> Floats:
        """For each picture the covariance of the adapters' qualities before anything was seen."""
        born = np.array(self._born, dtype=float)
        since = np.maximum(born - 1, 0)
        own = np.where(born > 0, _OWN[:, None], _FIRST[:, None]) ** 2
        trend: Floats = np.multiply.outer(_DRIFT**2, np.outer(since, since))
        trend += _STEP**2 * np.minimum.outer(since, since)
        at = np.arange(len(born))
        trend[:, at, at] += own
        return trend


_FIRST, _DRIFT, _OWN = (
    np.array([getattr(one, name) for one in PICTURES]) for name in ("first", "drift", "own")
)
_WEIGHTS = np.log([one.weight for one in PICTURES])


def _mixed(likely: Floats, means: Floats, deviations: Floats) -> Gain:
    """The gain over all pictures; ``likely`` is how well each explains what was seen."""
    shares = likely / likely.sum()
    mean = float(shares @ means)
    deviation = sqrt(max(float(shares @ (deviations**2 + means**2)) - mean**2, 0.0))

    def above(bound: float) -> float:
        pairs = zip(shares.tolist(), means.tolist(), deviations.tolist(), strict=True)
        parts = [each * (1 + erf((one - bound) / off / sqrt(2))) / 2 for each, one, off in pairs]
        return float(sum(parts))

    half = _HALF_OF * deviation
    return Gain(mean, mean - half, mean + half, above(0.0), above(-TOLERATED))
