"""What came in between two nights, in numbers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CameIn:
    """``since`` is None before the first night. ``answered`` and ``refused`` are among the
    ``questions``; ``up`` and ``down`` count what each person said last of an answer. ``raters``
    is how many people gave a thumb or wrote a correction.
    """

    since: datetime | None
    questions: int = 0
    answered: int = 0
    refused: int = 0
    up: int = 0
    down: int = 0
    corrections: int = 0
    raters: int = 0
