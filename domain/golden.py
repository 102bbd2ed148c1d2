"""Golden questions: an admin's own, with their right answers, which no night may unlearn."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from domain.questions import Message
from domain.text import is_blank
from domain.words import words, words_and_signs

MOST = 200
"""The most golden questions: each night asks all of them of two models."""

LONGEST = 2_000
"""The longest question, answer or forbidden text, in characters."""

_MOST_FORBIDDEN = 20
_IN_GROUPS = re.compile(r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\w)")


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
        """Whether an answer says the right answer, and nothing that it must not."""
        is_forbidden = any(_has(text, one) for one in self.must_not)
        from domain.right import is_right  # it loads all that checks sentences

        return not is_forbidden and is_right(text, self.answer, self.question)


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
    """Whether the words of ``part`` stand in ``text``, one directly after the other.

    Numbers are compared whole, with their signs: ``2.5 days`` and ``-5 days`` have no ``5 days``.
    """
    found, wanted = _said(text), _said(part)
    is_number = wanted[0][:1].isdigit()
    return any(
        found[at : at + len(wanted)] == wanted and not (is_number and found[at - 1 : at] == ["-"])
        for at in range(len(found) - len(wanted) + 1)
    )


def _said(text: str) -> list[str]:
    """The words, numbers and signs of ``text``; ``1 500`` is one number."""
    plain = _IN_GROUPS.sub(lambda found: "".join(found[0].split()), text)
    return [word.casefold().replace("−", "-") for word in words_and_signs(plain)]
