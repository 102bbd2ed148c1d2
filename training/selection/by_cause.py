"""Keeps out the corrections of what no training helps against: what was not found, or is wrong.

The reason is one of its own, so that the report says what to do instead.
"""

from collections.abc import Mapping, Sequence

from domain.adapters import Origin
from domain.causes import Cause, chosen_cause
from domain.questions import RatedAnswer
from training.selection.left_out import LeftOut
from training.selection.opinions import Opinion

_REASONS = {Cause.RETRIEVAL: LeftOut.RETRIEVAL, Cause.DOCUMENT: LeftOut.DOCUMENT}


def not_of_the_model(rated: RatedAnswer, found: Opinion) -> LeftOut | None:
    """Why a correction is left out, by what those who wrote it chose as what was at fault.

    What stands word for word in a shown passage was found, whatever people chose.
    """
    if found.origin is Origin.THUMB_UP:
        return None
    cause = chosen_cause(rated, found.by)
    if found.origin is Origin.QUOTE and cause is Cause.RETRIEVAL:
        return None
    return _REASONS.get(cause) if cause else None


def by_cause(
    left_out: Mapping[LeftOut, Sequence[str]], causes: Mapping[str, Cause]
) -> dict[LeftOut, tuple[str, ...]]:
    """``left_out`` with the cause in place of ``UNGROUNDED``, where it is not the model's."""
    found: dict[LeftOut, list[str]] = {}
    for reason, ids in left_out.items():
        for answer_id in ids:
            cause = causes.get(answer_id) if reason is LeftOut.UNGROUNDED else None
            found.setdefault(_REASONS.get(cause, reason) if cause else reason, []).append(answer_id)
    return {reason: tuple(ids) for reason, ids in found.items()}
