"""The figures of the arms, and their differences, with intervals from a paired bootstrap."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.compare.arms import Arm, ArmAnswer

_RESAMPLES = 2_000
_SEED = 7
_SURE = 95.0  # percent

FIGURES: Mapping[str, Callable[[ArmAnswer], float]] = {
    "f1": lambda answer: answer.f1,
    "contained": lambda answer: answer.contained,
    "refused": lambda answer: answer.refused,
    "wrong": lambda answer: not answer.refused and not answer.right,
    "characters": lambda answer: len(answer.text),
    "seconds": lambda answer: answer.seconds,
}
"""What is counted of each answer. ``wrong`` is divided by the answers that are no refusals."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its bounds at 95%."""

    mean: float
    low: float
    high: float

    @property
    def has_sign(self) -> bool:
        """Whether the interval is all above zero, or all below it."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """``differences`` are those of f1: by how much the second arm is better than the first."""

    questions: int
    arms: Mapping[Arm, Mapping[str, Figure]]
    differences: Mapping[tuple[Arm, Arm], Figure]


def compared(answers: Sequence[Mapping[Arm, ArmAnswer]]) -> Comparison:
    """The figures of at least one question's answers, with the same resamples for all arms."""
    count = len(answers)
    chosen = np.random.default_rng(_SEED).integers(0, count, (_RESAMPLES, count))
    arms = [arm for arm in Arm if arm in answers[0]]
    means = {arm: _resampled([each[arm] for each in answers], chosen) for arm in arms}
    pairs = [(one, other) for n, one in enumerate(arms) for other in arms[n + 1 :]]
    return Comparison(
        count,
        {arm: {name: _figure(found) for name, found in means[arm].items()} for arm in arms},
        {(one, other): _figure(means[other]["f1"] - means[one]["f1"]) for one, other in pairs},
    )


def _resampled(answers: Sequence[ArmAnswer], chosen: np.ndarray) -> dict[str, np.ndarray]:
    """The mean of each figure over all answers, and then over those of each resample.

    That of what is wrong is NaN where nothing was answered.
    """
    every = np.vstack([np.arange(len(answers)), chosen])
    sums = {
        name: np.array([float(count(one)) for one in answers])[every].sum(axis=1)
        for name, count in FIGURES.items()
    }
    answered = len(answers) - sums["refused"]
    wrong = np.full_like(answered, np.nan)
    np.divide(sums["wrong"], answered, out=wrong, where=answered > 0)
    return {name: found / len(answers) for name, found in sums.items()} | {"wrong": wrong}


def _figure(means: np.ndarray) -> Figure:
    """``means`` begins with that over all answers; all is 0 if that is NaN."""
    if np.isnan(means[0]):
        return Figure(0.0, 0.0, 0.0)
    outside = (100.0 - _SURE) / 2
    low, high = np.nanpercentile(means[1:], [outside, 100.0 - outside])
    return Figure(float(means[0]), float(low), float(high))
