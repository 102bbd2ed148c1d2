"""A person's inputs about an answer, and the rating that follows from them.

Each button, reaction and form is kept by itself, with Slack's time of it. What the person says is
the latest input that still stands, so taking one back lets an earlier one count again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.questions import Fault, Rating, Verdict


class InputKind(StrEnum):
    """How a person rated. TERMINAL is `phi3 rate`.

    A thumb of each skin tone, from 2 to 6, is a reaction by itself: one may be taken back while
    another stands.
    """

    BUTTON = "button"
    FORM = "form"
    TERMINAL = "terminal"
    THUMB_UP = "thumb_up"
    THUMB_UP_2 = "thumb_up_2"
    THUMB_UP_3 = "thumb_up_3"
    THUMB_UP_4 = "thumb_up_4"
    THUMB_UP_5 = "thumb_up_5"
    THUMB_UP_6 = "thumb_up_6"
    THUMB_DOWN = "thumb_down"
    THUMB_DOWN_2 = "thumb_down_2"
    THUMB_DOWN_3 = "thumb_down_3"
    THUMB_DOWN_4 = "thumb_down_4"
    THUMB_DOWN_5 = "thumb_down_5"
    THUMB_DOWN_6 = "thumb_down_6"


def reaction_kind(verdict: Verdict, tone: int | None = None) -> InputKind:
    """The kind of a thumb; ``tone`` is from 2 to 6, or None."""
    return InputKind(f"thumb_{verdict}_{tone}" if tone else f"thumb_{verdict}")


@dataclass(frozen=True, slots=True)
class RatingInput:
    """The last of one kind that a person gave or took back, ``at`` that time.

    ``stands`` is False once it was taken back. While it is ``waiting``, nobody knows yet whether
    the person can read the answer, and it does not count.
    """

    answer_id: str
    by: str
    kind: InputKind
    verdict: Verdict
    at: datetime
    stands: bool = True
    waiting: bool = False

    @property
    def counts(self) -> bool:
        return self.stands and not self.waiting


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person wrote about an answer; every text may be empty.

    ``text`` is the right answer, ``source`` where it stands (an address or a document), ``reason``
    what was wrong in the person's words. Once it was taken back it does not stand, and is empty.
    """

    answer_id: str
    by: str
    at: datetime
    text: str = ""
    reason: str = ""
    fault: Fault | None = None
    source: str = ""
    stands: bool = True

    @property
    def is_written(self) -> bool:
        """Whether the person wrote something, besides choosing what was wrong."""
        return bool(self.text or self.reason or self.source)

    @property
    def says_something(self) -> bool:
        return self.is_written or self.fault is not None


def rating_of(inputs: Iterable[RatingInput], correction: Correction | None) -> Rating | None:
    """What one person says of one answer; None if no input of the person counts.

    Of two inputs at exactly the same time, the one that says the answer is bad decides.
    """
    counting = [one for one in inputs if one.counts]
    if not counting:
        return None
    last = max(counting, key=lambda one: (one.at, one.verdict is Verdict.DOWN))
    if correction is None or not correction.stands:
        return Rating(last.answer_id, last.by, last.verdict, last.at)
    return Rating(
        last.answer_id,
        last.by,
        last.verdict,
        last.at,
        correction.reason,
        correction.text,
        correction.fault,
        correction.source,
        undecided=(
            last.verdict is Verdict.UP and last.at > correction.at and correction.is_written
        ),
    )
