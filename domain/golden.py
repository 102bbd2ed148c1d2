"""Golden questions: an admin's own, with their right answers, which no night may unlearn."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from domain.answering import is_refusal
from domain.citations import content_words
from domain.corrected import says
from domain.prompt import REFUSAL
from domain.questions import Audience, Difference, Message, Passage
from domain.support.check import Checker
from domain.text import is_blank
from domain.words import words

MOST = 200
"""The most golden questions: each night asks all of them of two models."""

LONGEST = 2_000
"""The longest question, answer or forbidden text, in characters."""

_MOST_FORBIDDEN = 20
_NEVER = frozenset((Difference.NEGATION, Difference.NUMBER, Difference.NAME))
_ENOUGH = 0.75
"""The share of the right answer's words that must be there, if no sentence says the same."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with its right answer. The right answer may be the refusal.

    An answer with a text of ``must_not`` is wrong, whatever else it says. ``by`` is who added it,
    or empty if that person was forgotten. ``history`` holds the earlier turns of a follow-up.
    """

    id: str
    question: str
    answer: str
    must_not: tuple[str, ...]
    history: tuple[Message, ...]
    by: str
    at: datetime

    def is_right(self, text: str) -> bool:
        """Whether an answer is right.

        It must have the right answer's numbers, names and negation, and its words: those that are
        not in the question, in any order. A refusal is right only if it is the right answer.
        """
        refused = text.startswith(REFUSAL)
        if refused or is_refusal(self.answer):
            return refused and is_refusal(self.answer)
        return not any(_has(text, one) for one in self.must_not) and self._is_said(text)

    def _is_said(self, text: str) -> bool:
        said = Passage("", "", "", text, 0.0, 0.0, Audience.of())
        claims = [one for one in Checker((said,), self.question).check(self.answer) if one.is_claim]
        if not claims:  # such as a plain yes
            return says(text, self.answer, self.question)
        differs = frozenset[Difference]().union(*(one.differs for one in claims))
        return not differs or (not differs & _NEVER and self._has_the_words(text))

    def _has_the_words(self, text: str) -> bool:
        answer = content_words(self.answer)
        wanted = answer - content_words(self.question) or answer
        found = content_words(text)
        numbers = {word for word in answer if any(letter.isdigit() for letter in word)}
        return numbers <= found and len(wanted & found) >= _ENOUGH * len(wanted)


def id_of(question: str, history: tuple[Message, ...] = ()) -> str:
    """The id of a golden question; case, spaces and the marks at the end make no other question."""
    turns = [turn.content for turn in history]
    said = "\n".join(
        " ".join(text.split()).casefold().rstrip(" ?!.") for text in (*turns, question)
    )
    return "g" + sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def objection_to(golden: Golden) -> str:
    """Why these texts cannot be a golden question, as a sentence; empty if they can."""
    texts = {"question": golden.question, "answer": golden.answer}
    for name, text in texts.items():
        if is_blank(text) or not words(text):
            return f"The {name} is empty."
    texts |= {f"text {one[:20]!r} that it must not say": one for one in golden.must_not}
    texts |= {"history": "".join(turn.content for turn in golden.history)}
    for name, text in texts.items():
        if len(text) > LONGEST:
            return f"The {name} has {len(text):,} characters; at most {LONGEST:,} are allowed."
    if len(golden.must_not) > _MOST_FORBIDDEN:
        return (
            f"At most {_MOST_FORBIDDEN} texts may be forbidden; there are {len(golden.must_not)}."
        )
    for one in golden.must_not:
        if not words(one):
            return "A text that the answer must not say is empty."
        if _has(golden.answer, one):
            return f"The right answer itself says “{one}”, which it must not."
    return ""


def _has(text: str, part: str) -> bool:
    """Whether the words of ``part`` stand in ``text``, one directly after the other."""
    found, wanted = (" ".join(words(each)).casefold() for each in (text, part))
    return f" {wanted} " in f" {found} "
