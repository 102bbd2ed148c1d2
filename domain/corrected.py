"""Whether a later answer says what somebody wrote about an earlier one."""

from collections.abc import Sequence

from domain.content_words import content_words
from domain.questions import Answer, AnswerKind, Audience, Difference, Passage
from domain.support.check import Checker
from domain.support.units import MONEY, UNITS
from domain.words import words_and_signs

_ENOUGH = 0.75
"""The share of the correction's words that an answer must have."""

_SIGNED = frozenset(UNITS[sign][0] for sign in f"{MONEY}%")


def is_supported(answer: Answer) -> bool:
    """Whether a model wrote the answer, and passages support every sentence of it."""
    return (
        answer.kind is AnswerKind.ANSWERED
        and any(one.supports for one in answer.citations)
        and all(one.supported for one in answer.sentences)
    )


def says(text: str, correction: str, question: str) -> bool:
    """Whether ``text`` says what the correction says: in its words, or in most of them.

    Every number of the correction must be there, with its currency or percent, and no sentence may
    deny what it says.
    """
    wanted, found = _words(correction), _words(text)
    if not wanted:
        return False
    if _holds(found, wanted):
        return True
    written = Passage("", "", "", correction, 0.0, 0.0, Audience.of())
    checked = [one for one in Checker((written,), question).check(text) if one.is_claim]
    if any(Difference.NEGATION in one.differs for one in checked):
        return False
    if any(one.supported for one in checked):
        return True
    numbers = {word for word in wanted if any(letter.isdigit() for letter in word)}
    content = content_words(correction)
    shared = len(content & content_words(text)) / len(content)
    return numbers <= set(found) and _measures(wanted) <= _measures(found) and shared >= _ENOUGH


def _words(text: str) -> list[str]:
    return [word.casefold() for word in words_and_signs(text)]


def _measures(said: Sequence[str]) -> frozenset[str]:
    """What its numbers are of, as far as a sign can say it: ``euros``, ``percent``."""
    return frozenset(UNITS[word][0] for word in said if word in UNITS) & _SIGNED


def _holds(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the words stand in ``found`` in their order, one directly after the other."""
    return f" {' '.join(wanted)} " in f" {' '.join(found)} "
