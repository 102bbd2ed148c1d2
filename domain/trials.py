"""The canary: a night's adapter on trial, which first answers a share of the threads.

What people then say of its answers, and of the others in the same time, decides what becomes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from domain.questions import Question

SLACK = "slack:"
"""What the ids of questions from Slack begin with; the terminal's begin otherwise."""

LONGEST = timedelta(days=7)
"""A trial that began longer ago ends, also if the thumbs are too few to decide."""

ASKED_LATELY = timedelta(days=7)
"""If nobody asked in Slack for so long, nobody would be shown an adapter on trial."""


class TrialEnd(StrEnum):
    """LIVE: it answers everything. WORSE: people's thumbs, or its files, spoke against it.

    UNTRIED: for some time the model server could not get it, which says nothing about it.
    REPLACED: a later night found a better one, which is on trial in its place. STOPPED: a person
    ended it, or a night of another base model, which says nothing about it either.
    """

    LIVE = "live"
    WORSE = "worse"
    UNTRIED = "could not be tried"
    REPLACED = "replaced"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Trial:
    """``adapter`` answers ``share`` (from 0 to 1) of the threads, ``against`` answers the others.

    ``against`` is an adapter's name, or None for the base model. Thumbs count since ``began_at``.
    ``first_at`` is when the first adapter of this row began, each of which took the place of the
    one before: so the row has an end, though every night may find a better one.
    """

    adapter: str
    against: str | None
    share: float
    began_at: datetime
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Thumbs:
    """How many 👍 and 👎 count."""

    up: int = 0
    down: int = 0

    @property
    def count(self) -> int:
        return self.up + self.down

    @property
    def rate(self) -> float:
        """The share of 👍, from 0 to 1; 0 without any thumb."""
        return self.up / self.count if self.count else 0.0

    def __str__(self) -> str:
        return f"{self.up} of {self.count}"


@dataclass(frozen=True, slots=True)
class Tally:
    """The thumbs for the adapter on trial, and for what answered the others in the same time."""

    on_trial: Thumbs = Thumbs()
    others: Thumbs = Thumbs()

    def __str__(self) -> str:
        return f"👍 {self.on_trial} on trial, {self.others} of the others"


NO_THUMBS = Tally()


@dataclass(frozen=True, slots=True)
class EndedTrial:
    """How a trial ended; ``reason`` is a sentence for people."""

    trial: Trial
    ended_at: datetime
    ending: TrialEnd
    reason: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person says of one answer, either of the adapter on trial or of another."""

    by: str
    on_trial: bool
    good: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which adapter answers a question; ``adapter`` is None for the base model."""

    adapter: str | None
    on_trial: bool = False


BASE = Chosen(None)


def is_for_trial(question: Question, adapter: str, share: float) -> bool:
    """Whether the adapter on trial answers the question.

    The answer follows from the thread alone, so that a thread keeps its voice; what is answered to
    one person follows from the person. The terminal's questions are for the trial: whoever looks
    after the expert tries what is new.
    """
    if not question.id.startswith(SLACK):
        return True
    digest = sha256(f"{adapter}\n{_place(question)}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def _place(question: Question) -> str:
    _, team, channel, *_ = f"{question.thread or question.id}:::".split(":")
    is_direct = question.is_private or channel.startswith("D")
    return f"{team}:{question.asked_by}" if is_direct else question.thread or question.id


def counted(votes: Iterable[Vote]) -> list[Vote]:
    """The votes that count, in the order in which they come to count.

    Of each of the two sides no person gives more than a fifth, so that nobody steers: of each
    person the first k votes count, with the largest k for which there are at least five times as
    many. While fewer than five people voted on a side, one vote of each counts. A vote that is one
    too many waits until others have voted as often.
    """
    sides = {on_trial: _Side() for on_trial in (True, False)}
    return [each for vote in votes for each in sides[vote.on_trial].add(vote)]


class _Side:
    """``_voters[i]``: how many people gave more than ``i`` votes."""

    def __init__(self) -> None:
        self._most = 1
        self._by = dict[str, list[Vote]]()
        self._voters: list[int] = []

    def add(self, vote: Vote) -> list[Vote]:
        """The votes that begin to count."""
        own = self._by.setdefault(vote.by, [])
        own.append(vote)
        if len(own) > len(self._voters):
            self._voters.append(0)
        self._voters[len(own) - 1] += 1
        found = [vote] if len(own) <= self._most else []
        while sum(self._voters[: self._most + 1]) >= _LEAST_VOTERS * (self._most + 1):
            self._most += 1
            found += [each[self._most - 1] for each in self._by.values() if len(each) >= self._most]
        return found


_LEAST_VOTERS = 5


def tally(votes: Iterable[Vote]) -> Tally:
    """``votes`` are those that count."""
    rows = list(votes)

    def of(on_trial: bool) -> Thumbs:
        good = [vote.good for vote in rows if vote.on_trial is on_trial]
        return Thumbs(sum(good), len(good) - sum(good))

    return Tally(of(True), of(False))
