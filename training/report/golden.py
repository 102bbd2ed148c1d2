"""The golden questions in a night's report."""

import json
from collections.abc import Sequence
from typing import Any

from domain.text import truncate
from training.golden import GoldenReply
from training.secrets.finding import shown

_NAMED = 3

Row = dict[str, Any]


def rows(replies: Sequence[GoldenReply]) -> list[Row]:
    """The replies as JSON; the sources say from what the answers were made."""
    return [
        {
            "id": one.golden.id,
            "question": shown(one.golden.question),
            "right_answer": shown(one.golden.answer, one.golden.question),
            "found": bool(one.found),
            "sources": list(one.found),
            "before": {"text": shown(one.before, one.golden.question), "right": one.was_right},
            "after": {"text": shown(one.after, one.golden.question), "right": one.is_right},
        }
        for one in replies
    ]


def summary(written: Sequence[Row]) -> str:
    """How many are answered right, and which are not found; empty if there are none."""
    if not written:
        return ""
    found = [one for one in written if one["found"]]
    lost = [one["question"] for one in written if not one["found"]]
    before, after = (sum(one[when]["right"] for one in found) for when in ("before", "after"))
    said = f"Of {_count(len(found))} the live model answers {before} right, the candidate {after}."
    if not lost:
        return said
    named = ", ".join(f"“{truncate(' '.join(one.split()), 150)}”" for one in lost[:_NAMED])
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return f"{said} The search finds nothing for {named}{more}."


def names(report: str, source: str) -> bool:
    """Whether a report in JSON may have an answer to a golden question from ``source``."""
    return json.dumps(source, ensure_ascii=False) in report


def without(written: Sequence[Row], source: str) -> list[Row]:
    """``rows`` without those whose answers were made from ``source``."""
    return [one for one in written if source not in one["sources"]]


def _count(count: int) -> str:
    return "1 golden question" if count == 1 else f"{count} golden questions"


def in_order(written: Sequence[Row]) -> list[Row]:
    """What became wrong comes first, then what the search does not find, then the rest."""
    return sorted(written, key=_rank)


def _rank(row: Row) -> tuple[bool, bool]:
    is_unlearned = row["before"]["right"] and not row["after"]["right"]
    return not is_unlearned, row["found"]
