"""The people: thirty who rate what they are answered, some by mistake, and one who lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.month.questions import SEED, Asked
from bench.month.values import another, by_kind, holds
from domain.questions import Verdict
from training.agreement import contains

PEOPLE = 30
WRONG = 0.08
"""The share of thumbs that say the opposite of what is true."""

CORRECTED = 0.75
"""The share of wrong answers' 👎 with which a person writes what is right."""

SECOND = 0.4
"""How often a second person rates the same answer."""

SABOTEUR = "month:person-30"
HONEST = tuple(f"month:person-{n:02}" for n in range(1, PEOPLE))


@dataclass(frozen=True, slots=True)
class Given:
    """One person's rating of one answer.

    ``is_wrong``: the thumb says the opposite of what is true by mistake; ``is_lie``: on purpose.
    """

    by: str
    verdict: Verdict
    correction: str = ""
    is_wrong: bool = False
    is_lie: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """``lies`` are the falsehoods that the saboteur wants to be answered, by the question's id."""

    lies: Mapping[str, str] = field(default_factory=dict)

    def ratings(self, day: int, asked: Asked, answer: str) -> list[Given]:
        """What people say of an answer: the same each time, for the same day and answer."""
        rng = Random(f"{SEED} {day} {asked.id}")
        raters = rng.sample(HONEST, 2 if rng.random() < SECOND else 1)
        right = is_right(answer, asked)
        given = [_honest(person, right, asked.accepted, rng) for person in raters]
        if lie := self.lies.get(asked.id):
            given.append(_dishonest(answer, lie))
        return given


def is_right(answer: str, asked: Asked) -> bool:
    """Whether an answer has the accepted words."""
    return contains(answer, asked.accepted)


def _honest(person: str, right: bool, accepted: str, rng: Random) -> Given:
    slips, writes = rng.random() < WRONG, rng.random() < CORRECTED
    verdict = Verdict.UP if right != slips else Verdict.DOWN
    correction = accepted if writes and not right and not slips else ""
    return Given(person, verdict, correction, slips)


def _dishonest(answer: str, lie: str) -> Given:
    if holds(answer, lie):
        return Given(SABOTEUR, Verdict.UP, is_lie=True)
    return Given(SABOTEUR, Verdict.DOWN, lie, is_lie=True)


def lies_about(questions: Sequence[Asked], count: int, texts: Mapping[str, str]) -> dict[str, str]:
    """A falsehood for each of ``count`` questions: of the right answer's kind, and not in its file.

    ``texts`` are those of the files.
    """
    rng = Random(SEED)
    known = [one.accepted for one in questions]
    lies: dict[str, str] = {}
    for asked in by_kind(rng.sample(questions, len(questions))):
        if len(lies) >= count:
            break
        lie = another(asked.accepted, known, texts.get(asked.file, ""), rng)
        if lie:
            lies[asked.id] = lie
    return lies
