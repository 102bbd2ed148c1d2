"""Builds the parts that count ratings."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.core import Core
from bot.ratings.counting import Counting
from bot.ratings.feedback import Feedback
from bot.ratings.learning import Learning
from bot.ratings.rating_notes import RatingNotes


@dataclass(frozen=True, slots=True)
class RatingParts:
    counting: Counting
    feedback: Feedback


def build_ratings(core: Core, rated: Callable[[], None], *, are_shared: bool) -> RatingParts:
    """``rated`` is called after each rating that counts. ``are_shared``: several workspaces share
    the adapters.
    """
    slack, me, threads, records = core.slack, core.me, core.threads, core.records
    counting = Counting(me, core.readers, records.answers, records.ratings, rated)
    feedback = Feedback(
        slack,
        me,
        counting,
        records.questions,
        records.answers,
        records.ratings,
        RatingNotes(slack, threads.thanks),
        Learning(records.answers, records.consent, are_shared=are_shared),
        threads.forms,
        threads.checks,
    )
    return RatingParts(counting, feedback)
