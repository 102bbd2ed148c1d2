"""What became of each rated answer in a night, as rows for the database."""

from collections.abc import Iterator

from domain.night_rows import Became, NightRow
from training.selection.plan import Plan

MOST = 1_000
"""Of how many answers it is kept, for each reason, that they were left out: the latest."""


def night_rows(chosen: Plan) -> list[NightRow]:
    """One for each answer, also if several reasons left it out."""
    return list({row.answer_id: row for row in _rows(chosen)}.values())


def _rows(chosen: Plan) -> Iterator[NightRow]:
    causes = chosen.cause_of
    for reason, ids in chosen.left_out.items():
        for answer_id in ids[-MOST:]:
            yield NightRow(answer_id, Became.LEFT_OUT, str(reason), causes.get(answer_id))
    sides = (Became.TRAINED, chosen.train), (Became.HELD_BACK, chosen.held_back)
    for became, rows in sides:
        for one in rows:
            yield NightRow(one.answer_id, became, cause=causes.get(one.answer_id))
