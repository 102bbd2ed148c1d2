"""Simulates trials of adapters with the project's own test and rules: how often they are wrong.

The first table has independent thumbs, a fifth of them on the adapter on trial. In the second one
people differ: in how often they rate, and in how often they say 👍; a thread gets up to three
thumbs, and a fifth of the questions are direct messages, whose voice follows from the person. A
night begins each day, and the trial ends after a week at the latest.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean

from domain.questions import Audience, Question
from domain.ruling import ruling
from domain.sequential import ENOUGH, evidence
from domain.trials import LONGEST, Trial, TrialEnd, Vote, counted, is_for_trial

SHARE = 0.2
DIFFERENCES = (0.1, 0.0, -0.1, -0.2, -0.3)
"""What the share of 👍 is for the adapter on trial, minus that of the others."""

THUMBS = (30, 100, 300)
A_DAY = (5, 20, 60)
_RATE = 0.75
_PEOPLE = 30
_BEGAN = datetime(2026, 1, 1, 2, tzinfo=UTC)
_NAME = "night"


def tables(runs: int = 1_000, seed: int = 1) -> Iterator[str]:
    """The lines of both tables, in Markdown."""
    yield (
        "| 👍, minus that of the others | said | "
        + " | ".join(f"after {count} thumbs" for count in THUMBS)
        + " | mean thumbs until then |"
    )
    yield "|---" * (len(THUMBS) + 3) + "|"
    for difference in DIFFERENCES:
        random = Random(seed)
        rows = [independent(random, difference, THUMBS[-1]) for _ in range(runs)]
        yield _line(difference, "worse", [_first(votes, "worse") for votes in rows])
        yield _line(difference, "not worse", [_first(votes, "not_worse") for votes in rows])
    yield ""
    yield (
        "| 👍, minus that of the others | thumbs a day | rolled back | live | mean days on trial |"
    )
    yield "|---" * 5 + "|"
    for difference in DIFFERENCES:
        for a_day in A_DAY:
            random = Random(seed)
            ended = [trial(random, difference, a_day) for _ in range(runs)]
            ways = Counter(one.ending for one in ended)
            yield (
                f"| {difference:+.0%} | {a_day} | {ways[TrialEnd.WORSE] / runs:.1%} | "
                f"{ways[TrialEnd.LIVE] / runs:.1%} | {mean(one.days for one in ended):.1f} |"
            )


def independent(random: Random, difference: float, count: int) -> list[Vote]:
    """Each thumb is of somebody else."""
    votes = []
    for n in range(count):
        on_trial = random.random() < SHARE
        good = random.random() < _RATE + difference * on_trial
        votes.append(Vote(f"U{n}", on_trial, good))
    return votes


@dataclass(frozen=True, slots=True)
class Ended:
    ending: TrialEnd
    days: int


def trial(random: Random, difference: float, a_day: int) -> Ended:
    """A trial with people who differ; it is looked at once a day, which is enough: the test keeps
    the highest value that it reached.
    """
    name = f"{_NAME}-{random.random()}"
    running = Trial(name, None, SHARE, _BEGAN, _BEGAN)
    people = [_Person(random, n) for n in range(_PEOPLE)]
    votes: list[Vote] = []
    for day in range(1, LONGEST.days + 1):
        votes += _day(random, people, name, difference, a_day)
        now = _BEGAN + timedelta(days=day)
        if ruled := ruling(votes, running, now, night_begins=True):
            return Ended(ruled.ending, day)
    raise AssertionError("A trial ends after a week.")


class _Person:
    def __init__(self, random: Random, n: int) -> None:
        self.name = f"U{n}"
        self.activity = random.paretovariate(1.2)
        self.rate = random.betavariate(6 * _RATE, 6 * (1 - _RATE))

    def says_good(self, random: Random, change: float) -> bool:
        return random.random() < min(max(self.rate + change, 0.0), 1.0)


def _day(
    random: Random, people: Sequence[_Person], name: str, difference: float, a_day: int
) -> list[Vote]:
    votes: list[Vote] = []
    weights = [one.activity for one in people]
    while len(votes) < a_day:
        asker = random.choices(people, weights)[0]
        is_direct = random.random() < 0.2
        channel = f"D{asker.name}" if is_direct else "C1"
        where = f"slack:T1:{channel}:{random.random()}"
        asked = Question(where, "", asker.name, _BEGAN, Audience.everyone(), thread=where)
        on_trial = is_for_trial(asked, name, SHARE)
        raters = [asker] if is_direct else random.choices(people, weights, k=random.randint(1, 3))
        for rater in {one.name: one for one in raters}.values():
            good = rater.says_good(random, difference * on_trial)
            votes.append(Vote(rater.name, on_trial, good))
    return votes[:a_day]


def _first(votes: Sequence[Vote], what: str) -> int | None:
    """After how many thumbs the test says something; None if it does not."""
    counting = counted(votes)

    def is_said(count: int) -> bool:
        return bool(getattr(evidence(counting[:count], SHARE), what) >= ENOUGH)

    if not is_said(len(counting)):
        return None
    return bisect_left(range(len(counting) + 1), True, key=is_said)


def _line(difference: float, said: str, firsts: Sequence[int | None]) -> str:
    found = [one for one in firsts if one is not None]
    shares = [sum(one <= count for one in found) / len(firsts) for count in THUMBS]
    until = f"{mean(found):.0f}" if found else "–"
    cells = " | ".join(f"{share:.1%}" for share in shares)
    return f"| {difference:+.0%} | {said} | {cells} | {until} |"
