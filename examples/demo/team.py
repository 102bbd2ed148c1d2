"""The invented colleagues: what they ask, and how they rate what they are answered."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.questions import Answer, AnswerKind, Rating, Verdict
from training.agreement import words

EXAMPLES = Path(__file__).parents[1]
RATED = 90
"""How many questions colleagues ask and rate; a night holds some 22 of them back to compare on."""

COLLEAGUES = tuple(
    f"demo:{name}" for name in "Ada Ben Chidi Dana Emre Farah Goran Hana Ivo Jun".split()
)
"""They ask and rate in turn. Nobody may give more than a fifth of a night's corrections."""

WHOLE = 2
"""How many words an answer has besides the right ones, if it is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the sample, the words of a document that answer it, and a colleague's answer.

    That is a whole sentence with these words, as the team likes its answers.
    """

    text: str
    words: str
    accepted: str

    def is_right(self, answer: Answer) -> bool:
        """Whether the model said the right words; a passage that is quoted is no answer."""
        return answer.kind is AnswerKind.ANSWERED and holds(answer.text, self.words)

    def is_whole(self, answer: Answer) -> bool:
        """Whether it is right, and a whole sentence."""
        more = len(words(answer.text)) - len(words(self.words))
        return self.is_right(answer) and more >= WHOLE


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody asked, what they were answered, and whether they liked it."""

    asked: Asked
    answer: Answer
    is_liked: bool

    @property
    def is_curt(self) -> bool:
        """Whether the answer is right, and they did not like how it was said."""
        return not self.is_liked and self.asked.is_right(self.answer)


def sample() -> list[Asked]:
    """The sample's questions that the documents answer; the first few cover all documents."""
    rows = [
        json.loads(line)
        for line in (EXAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    plain = [row for row in rows if row["evidence"] and not row.get("history")]
    return [Asked(row["question"], row["evidence"], row["answer"]) for row in plain]


def rate_all(answers: Mapping[Asked, Answer], keep: Callable[[Rating], object]) -> list[Rated]:
    """Rates 👍 if the answer says the right words in a whole sentence, else 👎 with a correction.

    ``keep`` is called with each rating.
    """
    rated = []
    for n, (asked, answer) in enumerate(answers.items()):
        liked = asked.is_whole(answer)
        by = COLLEAGUES[n % len(COLLEAGUES)]
        verdict = Verdict.UP if liked else Verdict.DOWN
        correction = "" if liked else asked.accepted
        keep(Rating(answer.id, by, verdict, datetime.now(UTC), correction=correction))
        rated.append(Rated(asked, answer, liked))
    return rated


def holds(text: str, span: str) -> bool:
    """Whether ``text`` contains ``span`` as whole words: £450 does not contain £45."""
    return bool(re.search(rf"(?<!\w){re.escape(span)}(?!\w)", text, re.IGNORECASE))
