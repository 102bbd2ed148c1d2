"""Simulates 60 nights of the gate: what goes live, and what is reported, if the truth is known.

    python -m bench gate --runs 1000 --asked 45

The decisions are those of `training.gate`. The noise is that of real replies: each question is one
of those that `bench.gate_replies` asked, and each adapter answers it as one of the two nights did
that were trained there. To be better by 0.03, an adapter answers as many questions rightly that it
would else get wrong, always the same ones; to be worse, wrongly.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.adapters import ComparedNight
from training.evidence import Evidence
from training.gate import Marks, decide

NIGHTS = 60
OWN = 0.01
"""How much a candidate's quality deviates from its night's, as a standard deviation. It is assumed:
to measure it takes many trainings on many thousand questions."""

# Made on 27 November 2026 by `python -m bench.gate_replies FOLDER` with SmolLM2-135M-Instruct: the
# two nights agreed differently on 22 of 75 questions, and the differences in agreement have a
# standard deviation of 0.36.
REPLIES = Path(__file__).with_name("gate_replies.json")

_NEW_A_NIGHT = 15
"""Where questions are added, a night has one more for so many at first; old ones are asked too."""

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Truth = Callable[[int], float]
"""By how much the candidate of a night, from 1, is better than what was live at first."""

TRUTHS: dict[str, Truth] = {
    "better by 0.003 more each night": lambda night: 0.003 * night,
    "better by 0.05": lambda _: 0.05,
    "better by 0.03": lambda _: 0.03,
    "equal": lambda _: 0.0,
    "worse by 0.03": lambda _: -0.03,
}
QUESTIONS = ("the same", "new ones", "the same and more")


@cache
def replies() -> Floats:
    """Marks of real replies: questions × models × agreement, contained, cited, wrongly refused."""
    return np.array(json.loads(REPLIES.read_text("utf-8"))["marks"], dtype=float)


@cache
def _weights() -> Floats:
    """How often each question is drawn: those that the models answered differently more often.

    Of two adapters that answer as one of two models did, half give the same answer, so the others
    must differ on twice as many questions to differ by as much as the two models did.
    """
    real = replies()
    models = real.shape[1]
    differ = (real != real[:, :1]).any(axis=(1, 2))
    each = np.where(differ, models / (models - 1), 1.0)
    each[~differ] *= (len(real) - each[differ].sum()) / (~differ).sum()
    share: Floats = each / each.sum()
    return share


@dataclass(frozen=True, slots=True)
class Run:
    """How 60 nights went: ``live`` is the quality that they ended with, 0 at the beginning.

    ``reported`` is the sum of the reported gains, ``nights`` are those of the promotions.
    """

    live: float
    reported: float
    nights: tuple[int, ...]


class World:
    """Questions and adapters whose quality is known."""

    def __init__(self, chance: np.random.Generator, size: int) -> None:
        self._chance = chance
        real = replies()
        self._kind = chance.choice(len(real), size=size, p=_weights())
        self._hard = chance.random(size)
        self._names = [str(n) for n in range(size)]
        mean = float(_weights() @ real[:, :, 0].mean(axis=1))
        self._room = {True: 1 - mean, False: mean}
        self._answered: dict[str, Floats] = {}
        self._quality: dict[str, float] = {}

    def train(self, name: str, quality: float) -> None:
        """An adapter, which from then on answers each question always in the same way."""
        real = replies()
        model = self._chance.integers(real.shape[1], size=len(self._kind))
        found = real[self._kind, model].copy()
        changed = self._hard < abs(quality) / self._room[quality > 0]
        if quality > 0:
            found[changed] = (1, 1, 1, 0)
        else:
            found[changed, :2] = 0
        self._answered[name], self._quality[name] = found, quality

    def quality(self, name: str) -> float:
        return self._quality[name]

    def compared(self, night: int, names: tuple[str, str], asked: Numbers) -> "_Night":
        live, candidate = (self._answered[name][asked] for name in names)
        rises = (candidate[:, 0] - live[:, 0]).tolist()
        keys = [self._names[n] for n in asked.tolist()]
        seen = ComparedNight(str(night), *names, dict(zip(keys, rises, strict=True)))
        return _Night(seen, _marks(live), _marks(candidate))


@dataclass(frozen=True, slots=True)
class _Night:
    seen: ComparedNight
    live: Marks
    candidate: Marks


def _marks(answered: Floats) -> Marks:
    return Marks(*answered.T.tolist())


def simulate(
    truth: Truth, questions: str, asked: int, seed: int, *, nights: int = NIGHTS, own: float = OWN
) -> Run:
    """One run. ``asked`` questions are asked each night; ``questions`` is one of ``QUESTIONS``."""
    chance = np.random.default_rng(seed)
    drawn = list(_questions(questions, asked, nights))
    world = World(chance, int(max(one.max() for one in drawn)) + 1)
    evidence, live, reported, promoted = Evidence(), "start", 0.0, list[int]()
    world.train(live, 0.0)
    for night, them in enumerate(drawn, 1):
        candidate = f"night {night}"
        world.train(candidate, truth(night) + chance.normal(0, own))
        one = world.compared(night, (live, candidate), them)
        evidence.add(one.seen)
        checks = decide(evidence, one.seen, one.live, one.candidate)
        if all(check.passed for check in checks):
            reported += evidence.difference(candidate, live).mean
            live = candidate
            promoted.append(night)
    return Run(world.quality(live), reported, tuple(promoted))


def _questions(kind: str, asked: int, nights: int) -> Iterator[Numbers]:
    """The numbers of the questions of each night."""
    for night in range(nights):
        match kind:
            case "the same":
                yield np.arange(asked)
            case "new ones":
                yield np.arange(asked) + night * asked
            case _:
                yield np.arange(asked + night * asked // _NEW_A_NIGHT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of many runs. Shares are from 0 to 1."""

    runs: Sequence[Run]

    @property
    def ended(self) -> float:
        return float(np.mean([one.live for one in self.runs]))

    @property
    def soon(self) -> float:
        """The share in which a candidate went live within three nights."""
        return float(np.mean([bool(one.nights) and one.nights[0] <= 3 for one in self.runs]))

    @property
    def lower(self) -> float:
        """The share that ended more than 0.02 lower."""
        return float(np.mean([one.live < -0.02 for one in self.runs]))

    @property
    def reported(self) -> float:
        return float(np.mean([one.reported for one in self.runs]))

    @property
    def off(self) -> float:
        """By how much the reported sum of a run is off, as a root mean square."""
        return float(np.sqrt(np.mean([(one.reported - one.live) ** 2 for one in self.runs])))

    @property
    def promotions(self) -> float:
        return float(np.mean([len(one.nights) for one in self.runs]))


def outcome(truth: str, questions: str, asked: int, runs: int, nights: int = NIGHTS) -> Outcome:
    return Outcome(
        [simulate(TRUTHS[truth], questions, asked, seed, nights=nights) for seed in range(runs)]
    )


def lines(runs: int, counts: Sequence[int]) -> Iterator[str]:
    """The table, line by line; shares have their standard errors."""
    yield (
        "| questions a night | candidates | ended | first live within 3 nights "
        "| ended > 0.02 lower | promotions | reported | off by |"
    )
    yield "|---" * 8 + "|"
    for count, questions, truth in product(counts, QUESTIONS, TRUTHS):
        one = outcome(truth, questions, count, runs)
        yield (
            f"| {count}, {questions} | {truth} | {one.ended:+.3f} | {_share(one.soon, runs)} "
            f"| {_share(one.lower, runs)} | {one.promotions:.1f} | {one.reported:+.3f} "
            f"| {one.off:.3f} |"
        )


def _share(share: float, runs: int) -> str:
    error = np.sqrt(max(share * (1 - share), 1 / runs) / runs)
    return f"{share:.1%} ± {error:.1%}"
