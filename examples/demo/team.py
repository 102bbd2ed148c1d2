"""The invented colleagues: what they ask, and how they rate what they are answered."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.questions import Answer, AnswerKind, Rating, Verdict

EXAMPLES = Path(__file__).parents[1]
RATED = 90
"""How many questions colleagues ask and rate; a night holds some 22 of them back to compare on."""

COLLEAGUES = tuple(
    f"demo:{name}" for name in "Ada Ben Chidi Dana Emre Farah Goran Hana Ivo Jun".split()
)
"""They ask and rate in turn. Nobody may give more than a fifth of a night's corrections."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the sample, and the words of a document that answer it."""

    text: str
    words: str

    def is_right(self, answer: Answer) -> bool:
        """Whether the model said the right words; a passage that is quoted is no answer."""
        return answer.kind is AnswerKind.ANSWERED and holds(answer.text, self.words)


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody asked, what they were answered, and whether they pressed 👍."""

    asked: Asked
    answer: Answer
    is_liked: bool


def sample() -> list[Asked]:
    """The sample's questions that the documents answer; the first few cover all documents."""
    rows = [
        json.loads(line)
        for line in (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    plain = [row for row in rows if row["evidence"] and not row.get("history")]
    return [Asked(row["question"], row["evidence"]) for row in plain]


def rate_all(answers: Mapping[Asked, Answer], keep: Callable[[Rating], object]) -> list[Rated]:
    """Rates 👍 if the answer says the right words, else 👎 with them as the correction.

    ``keep`` is called with each rating.
    """
    rated = []
    for n, (asked, answer) in enumerate(answers.items()):
        liked = asked.is_right(answer)
        by = COLLEAGUES[n % len(COLLEAGUES)]
        verdict = Verdict.UP if liked else Verdict.DOWN
        correction = "" if liked else asked.words
        keep(Rating(answer.id, by, verdict, datetime.now(UTC), correction=correction))
        rated.append(Rated(asked, answer, liked))
    return rated


def holds(text: str, span: str) -> bool:
    """Whether ``text`` contains ``span`` as whole words: £450 does not contain £45."""
    return bool(re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text, re.IGNORECASE))
