"""A test of two streams of thumbs that may be looked at after every thumb.

Ordinary tests are wrong more often the more often one looks. This one is not: with equal streams it
ever says otherwise in at most 1 of 20 trials, whenever one looks or stops. It multiplies E-values
of small blocks of thumbs, as in R. J. Turner, A. Ly and P. D. Grünwald, "Generic E-variables for
exact sequential k-sample tests that allow for optional stopping", Journal of Statistical Planning
and Inference 230 (2024), and for a margin as in R. J. Turner and P. D. Grünwald, "Exact
anytime-valid confidence intervals for contingency tables and beyond", Statistics and Probability
Letters 198 (2023).

A block has a thumb of each stream, and of the larger stream as many as it should have for each of
the smaller; what is too much for one waits for a later block. So a block never depends on what
people say, but only on when they say something. Its E-value is its probability if the streams
differ as supposed, divided by that under the nearest rates that do not differ so. The rate that is
supposed for a block comes from the blocks before it. Several supposed differences are averaged.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log

from domain.trials import Vote

ENOUGH = 20.0
"""At this E-value a question is decided: it is reached by chance in at most 1 of 20 trials."""

MARGIN = 0.10
"""A share of 👍 that is lower by less counts as not worse."""

_WORSE_BY = (0.2, 0.4)
_BETTER_BY = (0.0, 0.1)
"""The differences that are supposed, as shares of 👍."""

_RATE, _WEIGHT = 0.75, 4.0
"""The share of 👍 that is supposed at the beginning, and how many thumbs that is worth."""

_LOWEST = 0.02
_STEPS = 30


@dataclass(frozen=True, slots=True)
class Evidence:
    """E-values, from 0: that the adapter on trial is worse, and that it is not worse.

    The second is about a share of 👍 that is lower by ``MARGIN`` or more.
    """

    worse: float = 1.0
    not_worse: float = 1.0


def evidence(votes: Iterable[Vote], share: float) -> Evidence:
    """The highest E-values that were reached; ``votes`` are those that count, in their order.

    ``share`` is that of the threads that the adapter on trial answers.
    """
    worse = _Test([-by for by in _WORSE_BY], 0.0)
    not_worse = _Test(_BETTER_BY, -MARGIN)
    rate, weight = _RATE, _WEIGHT
    for block in _blocks(votes, share):
        worse.see(block, rate)
        not_worse.see(block, rate)
        weight += block.others
        rate += (block.good_others - block.others * rate) / weight
    return Evidence(worse.highest, not_worse.highest)


def _blocks(votes: Iterable[Vote], share: float) -> Iterator["_Block"]:
    odds = share / (1 - share)
    on_trial, others = deque[bool](), deque[bool]()
    for vote in votes:
        (on_trial if vote.on_trial else others).append(vote.good)
        if on_trial and others:
            yield _Block.of(_taken(on_trial, odds), _taken(others, 1 / odds))


def _taken(waiting: deque[bool], most: float) -> list[bool]:
    return [waiting.popleft() for _ in range(min(len(waiting), max(1, round(most))))]


@dataclass(frozen=True, slots=True)
class _Block:
    good_on_trial: int
    on_trial: int
    good_others: int
    others: int

    @classmethod
    def of(cls, on_trial: Sequence[bool], others: Sequence[bool]) -> "_Block":
        return cls(sum(on_trial), len(on_trial), sum(others), len(others))

    def log_probability(self, rate_on_trial: float, rate_of_others: float) -> float:
        return _log_of(self.good_on_trial, self.on_trial, rate_on_trial) + _log_of(
            self.good_others, self.others, rate_of_others
        )


class _Test:
    """One question about the difference of the two rates (on trial minus others).

    ``supposed`` are the differences that are supposed, ``bound`` is the nearest one that denies it.
    """

    def __init__(self, supposed: Sequence[float], bound: float) -> None:
        self._supposed = supposed
        self._bound = bound
        self._logs = [0.0] * len(supposed)
        self.highest = 1.0

    def see(self, block: _Block, rate: float) -> None:
        for i, difference in enumerate(self._supposed):
            others = _inside(rate)
            on_trial = _inside(rate + difference)
            nearest = _nearest(block, on_trial, others, self._bound)
            self._logs[i] += block.log_probability(on_trial, others)
            self._logs[i] -= block.log_probability(nearest + self._bound, nearest)
        mean = sum(map(exp, self._logs)) / len(self._logs)
        self.highest = max(self.highest, mean)


def _nearest(block: _Block, on_trial: float, others: float, bound: float) -> float:
    """The rate of the others, at which the rates differ by ``bound`` and are nearest to these two.

    Near in the sense of the Kullback-Leibler divergence of the whole block.
    """
    if not bound:
        return (block.on_trial * on_trial + block.others * others) / (block.on_trial + block.others)
    low, high = max(0.0, -bound), min(1.0, 1.0 - bound)
    for _ in range(_STEPS):  # the divergence is convex, so its slope is 0 at one place
        rate = (low + high) / 2
        slope = block.others * _slope(others, rate)
        slope += block.on_trial * _slope(on_trial, rate + bound)
        low, high = (low, rate) if slope > 0 else (rate, high)
    return (low + high) / 2


def _slope(true: float, rate: float) -> float:
    return (rate - true) / (rate * (1 - rate))


def _log_of(good: int, count: int, rate: float) -> float:
    return good * log(rate) + (count - good) * log(1 - rate)


def _inside(rate: float) -> float:
    return min(max(rate, _LOWEST), 1 - _LOWEST)
