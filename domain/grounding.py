"""Whether the passages that the model was shown contain what an answer says."""

from collections.abc import Sequence

from domain.prompt import REFUSAL
from domain.questions import Answer, Passage
from domain.said import has_words
from domain.support.check import Checker
from domain.word_for_word import stands_in
from domain.words import words

_YES_AND_NO = frozenset(("yes", "no"))
"""Words that an answer may use although no passage contains them."""


def grounded(text: str, answer: Answer) -> bool:
    """Whether the passages contain most of the text's words, whatever they say with them.

    It is quick, and no more than a first look: ``is_said`` compares what the text says.
    """
    if not answer.passages or text == REFUSAL:
        return text == REFUSAL
    return has_words(text, answer.passages) or _is_yes_or_no(text)


def is_said(text: str, passages: Sequence[Passage], question: str = "") -> bool:
    """Whether the passages say what ``text`` says; training on others would teach to invent.

    Negation, numbers, units and names are compared strictly. A plain yes or no needs no passage.
    """
    if stands_in(text, [one.text for one in passages]):
        return True
    claims = [one for one in Checker(passages, question).check(text) if one.is_claim]
    if claims:
        return all(one.supported for one in claims)
    return _is_yes_or_no(text)


def _is_yes_or_no(text: str) -> bool:
    said = {word.casefold() for word in words(text)}
    return bool(said) and said <= _YES_AND_NO
