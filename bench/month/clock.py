"""How long the month takes: an estimate from measured parts, and a bar with the time left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bench.month.size import Size
from training.dataset import HELD_BACK
from training.recipe import Recipe
from training.replay import count as starters

_STARTS = 20.0
"""Seconds that a night takes besides: to import, to load the model, to store the adapter."""

_ROW = 430
"""About how many tokens a row of one XQuAD passage has."""

_COUNTED = 470
"""About how many the choice of a night's rows counts for it, without a tokenizer."""

_STARTER_ROW = 220
_LIKED = 0.8
"""About how many of the held-back answers a night compares on."""

_BASE = 3.0
"""How much longer an answer of the base model takes, which ends only where it is cut off."""


def most_rows(size: Size) -> int:
    """About how many of people's rows one night of ours has room for."""
    return size.night_tokens // Recipe().passes // _COUNTED


def _tokens_of(own: int) -> int:
    """Tokens of so many of people's rows and of the starter rows that come with them."""
    return own * _ROW + starters(own) * _STARTER_ROW


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds of each part, from seconds an answer and trained tokens a second."""

    size: Size
    answer: float
    tokens: float

    def asking(self) -> float:
        """One day of one arm."""
        return (self.size.a_day + 2) * self.answer

    def night(self, arm: str, day: int) -> float:
        """One night. The first nights of ours have too few rows, so they train nothing."""
        if arm == "naive":
            return _STARTS + self.size.a_day * _ROW / self.tokens
        rated = self.size.a_day * day
        own = min(most_rows(self.size), round(rated * (1 - HELD_BACK) * _LIKED))
        if own < self.size.min_examples:
            return _STARTS / 4
        compared = 2 * _LIKED * HELD_BACK * rated
        return _STARTS + _tokens_of(own) * Recipe().passes / self.tokens + compared * self.answer

    def measuring(self, *, base: bool = False) -> float:
        """The unseen questions, once."""
        return self.size.unseen * self.answer * (_BASE if base else 1.0)

    def parts(self) -> dict[str, float]:
        """The whole month. Of our nights about one in four changes what must be measured again."""
        days = range(1, self.size.days + 1)
        return {
            "answering people": 2 * self.size.days * self.asking(),
            "our nights": sum(self.night("ours", day) for day in days),
            "the other arm's nights": sum(self.night("naive", day) for day in days),
            "measuring": self.measuring(base=True) + self.measuring() * self.size.days * 0.5,
        }

    def sentence(self) -> str:
        parts = self.parts()
        told = ", ".join(f"{what} {seconds / 60:.0f}" for what, seconds in parts.items())
        return f"About {sum(parts.values()) / 60:.0f} minutes: {told}."


class Clock:
    """A bar for the whole month. ``expected`` are the seconds of all that is still to do."""

    def __init__(self, expected: float, console: Console) -> None:
        self._expected = expected
        self._done = 0.0
        self._spent = 0.0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._task = self._bar.add_task("", total=max(1.0, expected), left="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @contextmanager
    def step(self, what: str, seconds: float) -> Iterator[None]:
        """Shows what is done, and that it should take so many ``seconds``."""
        self._bar.update(self._task, description=what, left=self._left())
        began = time.monotonic()
        yield
        self._spent += time.monotonic() - began
        self._done += seconds
        self._bar.update(self._task, completed=self._done, left=self._left())

    def _left(self) -> str:
        slower = self._spent / self._done if self._done else 1.0
        seconds = max(0.0, self._expected - self._done) * slower
        return f"{seconds / 60:.0f} min left"
