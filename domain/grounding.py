"""Whether the passages that the model was shown contain what an answer says."""

from collections.abc import Sequence
from functools import lru_cache

from domain.citations import content_words
from domain.prompt import REFUSAL
from domain.questions import Answer, Passage
from domain.support.check import Checker
from domain.support.compare import ENOUGH
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
    shown = _YES_AND_NO.union(*(_content_words(one.text) for one in answer.passages))
    found = content_words(text)
    return bool(found) and len(found & shown) / len(found) >= ENOUGH


def is_said(text: str, passages: Sequence[Passage], question: str = "") -> bool:
    """Whether the passages say what ``text`` says; training on others would teach to invent.

    Negation, numbers, units and names are compared strictly. A plain yes or no needs no passage.
    """
    if stands_in(text, [one.text for one in passages]):
        return True
    claims = [one for one in Checker(passages, question).check(text) if one.is_claim]
    if claims:
        return all(one.supported for one in claims)
    said = {word.casefold() for word in words(text)}
    return bool(said) and said <= _YES_AND_NO


_content_words = lru_cache(maxsize=256)(content_words)  # each passage is asked for several times
