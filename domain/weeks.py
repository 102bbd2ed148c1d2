"""A week in numbers: what was asked, how it was answered, and what people said of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Day:
    """``answered`` and ``refused`` are among the ``questions``; the others have no answer yet."""

    questions: int = 0
    answered: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    """The seven days from ``since``. ``median`` is the time to the answer; None without answers.

    A quotation, which is given while no model answers, counts as an answer.
    """

    since: datetime
    days: Sequence[Day]
    good: int = 0
    bad: int = 0
    corrections: int = 0
    median: timedelta | None = None

    @property
    def questions(self) -> int:
        return sum(day.questions for day in self.days)

    @property
    def answered(self) -> int:
        return sum(day.answered for day in self.days)

    @property
    def refused(self) -> int:
        return sum(day.refused for day in self.days)


@dataclass(frozen=True, slots=True)
class Latency:
    """How long answers took, from the question to the end; None without answers."""

    median: timedelta | None = None
    p95: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DayInNumbers:
    """The day that ``begins`` then: what was asked, and what people said of answers."""

    begins: datetime
    counts: Day
    good: int
    bad: int
    latency: Latency
