"""The invented colleagues: what they ask, and how they rate what they are answered."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cli.asking import question_of
from domain.questions import Answer, Rating, Verdict
from training.dataset import is_held_back
from training.same.meaning import group_of

EXAMPLES = Path(__file__).parents[1]
RATED_FIRST = 72
"""How many questions are asked and rated, and then only those that a night holds back."""

COLLEAGUES = tuple(f"demo:{name}" for name in ("Ada", "Ben", "Chidi", "Dana", "Emre"))
"""They ask and rate in turn. With three or more of them nobody steers the night."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the sample, and the words of a document that answer it."""

    text: str
    accepted: str


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody asked, what they were answered, and whether that was right."""

    asked: Asked
    answer: Answer
    is_right: bool


def sample() -> list[Asked]:
    """The sample's questions that the documents answer; the first few cover all documents."""
    rows = [
        json.loads(line)
        for line in (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    plain = [row for row in rows if row["evidence"] and not row.get("history")]
    return [Asked(row["question"], row["evidence"]) for row in plain]


def asked_by_day(questions: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Those that colleagues ask in the day, and the others.

    Of 72 questions a night compares on 19 or so, too few to be sure of a gain. So colleagues also
    ask what a night holds back of the rest: it trains on no more, and compares on twice as many.
    """
    day, others = list(questions[:RATED_FIRST]), list[Asked]()
    for one in questions[RATED_FIRST:]:
        is_compared = is_held_back(group_of(question_of(one.text)))
        (day if is_compared else others).append(one)
    return day, others


def rate_all(answers: Mapping[Asked, Answer], keep: Callable[[Rating], object]) -> list[Rated]:
    """Rates 👍 if the answer contains the right words, else 👎 with these as the correction.

    ``keep`` is called with each rating.
    """
    rated = []
    for n, (asked, answer) in enumerate(answers.items()):
        right = holds(answer.text, asked.accepted)
        by = COLLEAGUES[n % len(COLLEAGUES)]
        verdict = Verdict.UP if right else Verdict.DOWN
        correction = "" if right else asked.accepted
        keep(Rating(answer.id, by, verdict, datetime.now(UTC), correction=correction))
        rated.append(Rated(asked, answer, right))
    return rated


def holds(text: str, span: str) -> bool:
    """Whether ``text`` contains ``span`` as whole words: £450 does not contain £45."""
    return bool(re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text, re.IGNORECASE))
