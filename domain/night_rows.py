"""What became of each rated answer in a night, and why: kept before the training begins."""

from dataclasses import dataclass
from enum import StrEnum

from domain.causes import Cause


class Became(StrEnum):
    """TRAINED on · HELD_BACK to compare the models · LEFT_OUT, for a reason."""

    TRAINED = "trained"
    HELD_BACK = "held_back"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class NightRow:
    """One rated answer, or one verified card, in one night.

    ``reason`` says why it was left out, in the words of the report; ``cause`` is what was at fault,
    if people rated the answer bad.
    """

    answer_id: str
    became: Became
    reason: str = ""
    cause: Cause | None = None
