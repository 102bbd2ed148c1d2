"""Keeps out rows that hold secrets or personal data: a model repeats what it was trained on."""

from collections.abc import Callable, Iterable, Iterator

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


def harmless(rows: Iterable[Example], leave: Callable[[LeftOut, str], object]) -> Iterator[Example]:
    """The rows that hold nothing secret or personal; ``leave`` is called with the others."""
    for row in rows:
        if held := held_by_row(row):
            leave(_REASONS[held], row.answer_id)
        else:
            yield row
