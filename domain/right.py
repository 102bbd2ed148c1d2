"""Whether an answer to a question says what the right answer says."""

from domain.answering import is_refusal
from domain.content_words import content_words
from domain.corrected import says
from domain.prompt import REFUSAL
from domain.questions import Audience, Difference, Passage
from domain.support.check import Checker

_NEVER = frozenset((Difference.NEGATION, Difference.NUMBER, Difference.NAME))
_ENOUGH = 0.75
"""The share of the right answer's words that must be there, if no sentence says the same."""


def is_right(text: str, right_answer: str, question: str) -> bool:
    """Whether ``text`` has the right answer's numbers, names and negation, and its words.

    Only the words that are not in the question count, in any order. A refusal is right only if it
    is the right answer, which then nothing else is.
    """
    refused = text.startswith(REFUSAL)
    if refused or is_refusal(right_answer):
        return refused and is_refusal(right_answer)
    said = Passage("", "", "", text, 0.0, 0.0, Audience.of())
    claims = [one for one in Checker((said,), question).check(right_answer) if one.is_claim]
    if not claims:  # such as a plain yes
        return says(text, right_answer, question)
    differs = frozenset[Difference]().union(*(one.differs for one in claims))
    return not differs or (not differs & _NEVER and _has_the_words(text, right_answer, question))


def _has_the_words(text: str, right_answer: str, question: str) -> bool:
    answer, found = content_words(right_answer), content_words(text)
    wanted = answer - content_words(question) or answer
    numbers = {word for word in answer if any(letter.isdigit() for letter in word)}
    return numbers <= found and len(wanted & found) >= _ENOUGH * len(wanted)
