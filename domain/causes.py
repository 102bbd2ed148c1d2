"""Decides what was at fault in answers that people rated bad, so that the report can say it.

Training helps against only one of the causes: a document that is wrong, or was not found, stays so.
"""

from collections import Counter
from enum import StrEnum

from domain.grounding import grounded
from domain.questions import Fault, RatedAnswer, Rating, Verdict


class Cause(StrEnum):
    RETRIEVAL = "retrieval"
    DOCUMENT = "document"
    MODEL = "model"

    @property
    def in_words(self) -> str:
        return _IN_WORDS[self]


_IN_WORDS = {
    Cause.RETRIEVAL: "the right passages were not found",
    Cause.DOCUMENT: "the documents are out of date or not complete",
    Cause.MODEL: "the model made the wrong answer of the passages",
}

_CAUSES = {
    Fault.WRONG_SOURCE: Cause.RETRIEVAL,
    Fault.OUTDATED: Cause.DOCUMENT,
    Fault.INCOMPLETE: Cause.DOCUMENT,
    Fault.UNWANTED: Cause.MODEL,
}


def cause_of(rated: RatedAnswer) -> Cause | None:
    """What most people say was at fault; None if nobody says it, or it cannot be told.

    Whoever chose nothing, or only that it is wrong, says it by the correction: what the passages
    contain, the model could have answered, and what they do not contain was not found.
    """
    bad = [one for one in rated.ratings if one.verdict is Verdict.DOWN]
    said = Counter(filter(None, (_said(one, rated) for one in bad)))
    return said.most_common(1)[0][0] if said else None


def _said(rating: Rating, rated: RatedAnswer) -> Cause | None:
    if rating.fault in _CAUSES:
        return _CAUSES[rating.fault]
    if rating.correction:
        return Cause.MODEL if grounded(rating.correction, rated.answer) else Cause.RETRIEVAL
    return Cause.MODEL if rating.fault is Fault.WRONG else None
