"""Whether the passages that the model was shown say what somebody wrote, deny it, or lack it."""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from domain.content_words import content_words
from domain.prompt import REFUSAL
from domain.questions import Difference, Passage
from domain.support.check import Checked, Checker
from domain.support.compare import ENOUGH
from domain.support.statement import content_stems
from domain.support.tokens import tokens
from domain.words import words

_DENYING = frozenset((Difference.NUMBER, Difference.NAME, Difference.NEGATION))


class Said(StrEnum):
    """What the passages say of a text."""

    SAID = "said"
    DENIED = "denied"
    MISSING = "missing"


@lru_cache(maxsize=1_024)
def said_by(text: str, passages: tuple[Passage, ...], question: str) -> Said:
    """What the passages say of ``text``, the answer to ``question``.

    DENIED: a sentence about the same has another number or name, or the opposite. What claims
    nothing, such as ``Yes``, needs no passage. A text in a language that cannot be compared is
    judged by its words.
    """
    if text == REFUSAL:
        return Said.SAID
    if not passages:
        return Said.MISSING
    checker = Checker(passages, question)
    wrong = [
        one
        for one in checker.check(text)
        if one.is_claim and not one.supported and not checker.is_near(one)
    ]
    if not all(one.compared for one in wrong):
        return Said.SAID if has_words(text, passages) else Said.MISSING
    asked = content_stems(tokens(question))
    if any(_denies(one, asked) for one in wrong):
        return Said.DENIED
    return Said.MISSING if wrong else Said.SAID


def _denies(one: Checked, asked: frozenset[str]) -> bool:
    """Whether a sentence about what was asked says otherwise, and not only something else."""
    if one.nearest is None or not one.differs <= _DENYING:
        return False
    about = asked | content_stems(tokens(one.span.text))
    shared = about & (one.nearest.stems | one.nearest.stems_below)
    return bool(shared) or not about


def has_words(text: str, passages: Sequence[Passage]) -> bool:
    """Whether the passages have most of the text's words, whatever they say with them."""
    shown = frozenset[str]().union(*(_every_word(one.text) for one in passages))
    wanted = content_words(text)
    return bool(wanted) and len(wanted & shown) / len(wanted) >= ENOUGH


@lru_cache(maxsize=256)  # each passage is asked for several times
def _every_word(text: str) -> frozenset[str]:
    """To tell which of them carry meaning takes longer, and is known of the ``wanted`` ones."""
    return frozenset(word.lower() for word in set(words(text)))
