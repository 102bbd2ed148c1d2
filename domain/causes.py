"""Decides what was at fault in answers that people rated bad, so that the report can say it.

Training helps against only one of the causes: a document that is wrong, or was not found, stays so.
"""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum

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


def cause_of(rated: RatedAnswer, *, roughly: bool = False) -> Cause | None:
    """What most people say was at fault; None if nobody says it, or it cannot be told.

    Whoever chose nothing, or only that it is wrong, says it by the correction: what the passages
    say, the model could have answered; if they say otherwise, the document is wrong; and what they
    do not contain was not found. ``roughly``: only by the words, in microseconds instead of
    milliseconds.
    """
    bad = [one for one in rated.ratings if one.verdict is Verdict.DOWN]
    said = Counter(filter(None, (_said(one, rated, roughly=roughly) for one in bad)))
    return said.most_common(1)[0][0] if said else None


def chosen_cause(rated: RatedAnswer, by: Collection[str]) -> Cause | None:
    """What most of these people chose as what was at fault; None if most chose nothing of it."""
    given = [one for one in rated.ratings if one.by in by]
    chosen = Counter(
        _CAUSES[one.fault] for one in given if one.fault in _CAUSES and not _is_shown(one, rated)
    )
    return chosen.most_common(1)[0][0] if 2 * chosen.total() > len(given) else None


def _said(rating: Rating, rated: RatedAnswer, *, roughly: bool) -> Cause | None:
    if rating.fault in _CAUSES and (roughly or not _is_shown(rating, rated)):
        return _CAUSES[rating.fault]
    if not rating.correction:
        return Cause.MODEL if rating.fault is Fault.WRONG else None
    # Late, since this loads all that checks sentences, which few programs need.
    from domain.said import Said, has_words, said_by

    if roughly:
        is_said = has_words(rating.correction, rated.answer.passages)
        return Cause.MODEL if is_said else Cause.RETRIEVAL
    match said_by(rating.correction, rated.answer.passages, rated.question.text):
        case Said.SAID:
            return Cause.MODEL
        case Said.DENIED:
            return Cause.DOCUMENT
        case Said.MISSING:
            return Cause.RETRIEVAL


def _is_shown(rating: Rating, rated: RatedAnswer) -> bool:
    """Whether somebody missed what the passages say: then the answer left it out, not they."""
    from domain.said import Said, said_by

    return (
        rating.fault is Fault.INCOMPLETE
        and bool(rating.correction)
        and said_by(rating.correction, rated.answer.passages, rated.question.text) is Said.SAID
    )
