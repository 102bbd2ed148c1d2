"""Keeps out rows that hold secrets or personal data: a model repeats what it was trained on."""

from domain.adapters import Example, Origin
from domain.questions import RatedAnswer
from training.secrets.finding import held_by, held_by_row, told
from training.secrets.kinds import Held
from training.selection.left_out import LeftOut
from training.selection.opinions import Opinion

_REASONS = {held: LeftOut(f"holds {held}") for held in Held}


def harmful(rated: RatedAnswer, found: Opinion) -> LeftOut | None:
    """What somebody wrote that nobody may learn; other reasons would hide it from the report."""
    if found.origin is Origin.THUMB_UP:
        return None
    held = held_by(found.text) or told(rated.question.text, found.text)
    return _REASONS[held] if held else None


def harm_of(row: Example) -> LeftOut | None:
    """What secret or personal data a row holds; it takes milliseconds to find out."""
    held = held_by_row(row)
    return _REASONS[held] if held else None
