"""Simulates questions that wait for model servers: what teams of different sizes need.

A server answers several questions at once, and each more slowly then: how many answers a second it
gives, with so many at once, was measured (docs/gpu.md, docs/measured.md). Everything else is an
assumption, and written out here and in docs/scale.md.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from statistics import quantiles
from typing import Any

import simpy

ANSWER_TOKENS = 64
"""The length of an answer, as it was measured; prompts had about 1,600 tokens."""

QUESTIONS_A_DAY = 2.0
"""Assumed: how many questions a person asks on a working day."""

BUSIEST_HOUR = 0.2
"""Assumed: which share of a day's questions falls into its busiest hour."""

FIRST_WORD_SECONDS, WHOLE_SECONDS = 3.0, 15.0
"""Wanted: 95 of 100 answers begin, and are complete, within so many seconds in that hour."""

_QUESTIONS = 20_000
_WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Machine:
    """A model server. By how many questions it answers at once: its answers a second, and the
    seconds until the first word. Between these numbers it is interpolated; more than the largest
    wait, in the order in which they came.
    """

    name: str
    answers_a_second: Mapping[int, float]
    first_word: Mapping[int, float] = field(default_factory=lambda: {1: 0.0})

    @property
    def together(self) -> int:
        return max(self.answers_a_second)

    def rate(self, busy: int) -> float:
        """Answers a second, all together, while it answers ``busy`` questions (1 or more)."""
        return _between(self.answers_a_second, busy)

    def until_first_word(self, busy: int) -> float:
        return _between(self.first_word, busy)


_WITH_AN_ADAPTER = 0.82  # of the speed without one, measured with 8 streams
H200 = Machine(
    "H200, a model of Phi-3.5-mini's size with an adapter",
    {n: _WITH_AN_ADAPTER * speed / ANSWER_TOKENS for n, speed in ((1, 99), (8, 398), (32, 610))},
    {1: 0.062, 8: 0.378, 32: 1.0},
)
TWO_CORES = Machine(
    "two processor cores, SmolLM2-135M",
    {n: speed / ANSWER_TOKENS for n, speed in ((1, 11.8), (8, 11.1))},
    {1: 1.238, 8: 9.253},
)


@dataclass(frozen=True, slots=True)
class Waits:
    """Of the questions that were simulated, in seconds."""

    queue: Sequence[float]
    first_word: Sequence[float]
    whole: Sequence[float]


@dataclass(slots=True)
class _Question:
    work: float  # in answers of mean length
    at: float
    begun: float = 0.0
    first_word: float = 0.0
    ended: float = 0.0


class _Server:
    """Shares its speed equally among the questions that it answers at the moment."""

    def __init__(self, environment: simpy.Environment, machine: Machine) -> None:
        self._environment = environment
        self._machine = machine
        self._active: list[_Question] = []
        self._waiting: deque[_Question] = deque()
        self._came = environment.event()
        environment.process(self._serve())

    @property
    def load(self) -> int:
        return len(self._active) + len(self._waiting)

    def take(self, question: _Question) -> None:
        self._waiting.append(question)
        if not self._came.triggered:
            self._came.succeed()

    def _serve(self) -> Generator[simpy.Event, Any, None]:
        now = self._environment
        while True:
            self._begin()
            self._came = now.event()
            if not self._active:
                yield self._came
                continue
            each = self._machine.rate(len(self._active)) / len(self._active)
            since = now.now
            shortest = min(self._active, key=lambda question: question.work)
            over = now.timeout(max(shortest.work / each, 0.0))
            yield over | self._came
            passed = now.now - since
            for question in self._active:
                question.work -= passed * each
            if over.processed:
                shortest.ended = now.now
                self._active.remove(shortest)

    def _begin(self) -> None:
        while self._waiting and len(self._active) < self._machine.together:
            question = self._waiting.popleft()
            question.begun = self._environment.now
            self._active.append(question)
            first = self._machine.until_first_word(len(self._active))
            question.first_word = self._environment.now + first


def simulate(
    machine: Machine, servers: int, an_hour: float, *, questions: int = _QUESTIONS, seed: int = 1
) -> Waits:
    """Questions come independently of each other, ``an_hour`` on average; each goes to the server
    with the fewest. The lengths of answers are distributed exponentially. The first tenth, which
    finds empty servers, does not count.
    """
    environment, random = simpy.Environment(), Random(seed)
    all_servers = [_Server(environment, machine) for _ in range(servers)]
    asked: list[_Question] = []

    def ask() -> Generator[simpy.Event, Any, None]:
        for _ in range(questions):
            yield environment.timeout(random.expovariate(an_hour / 3600))
            question = _Question(random.expovariate(1.0), environment.now)
            asked.append(question)
            min(all_servers, key=lambda server: server.load).take(question)

    environment.process(ask())
    environment.run()
    counted = asked[int(_WARM_UP * questions) :]
    return Waits(
        [one.begun - one.at for one in counted],
        [min(one.first_word, one.ended) - one.at for one in counted],
        [one.ended - one.at for one in counted],
    )


def p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def servers_for(machine: Machine, an_hour: float, *, questions: int = _QUESTIONS) -> int:
    """The fewest servers with which answers come as fast as wanted; see FIRST_WORD_SECONDS."""
    servers = max(1, int(an_hour / 3600 / machine.rate(machine.together)))
    while True:
        if an_hour / 3600 < servers * machine.rate(machine.together):
            waits = simulate(machine, servers, an_hour, questions=questions)
            if p95(waits.first_word) <= FIRST_WORD_SECONDS and p95(waits.whole) <= WHOLE_SECONDS:
                return servers
        servers += 1


def _between(measured: Mapping[int, float], at: int) -> float:
    known = sorted(measured)
    if at <= known[0] or len(known) == 1:
        return measured[known[0]] if at <= known[0] else measured[known[-1]]
    if at >= known[-1]:
        return measured[known[-1]]
    below, above = list(pairwise(known))[bisect_left(known, at) - 1]
    share = (at - below) / (above - below)
    return measured[below] + share * (measured[above] - measured[below])
