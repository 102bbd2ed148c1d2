"""The golden questions in a night's report, for people and programs."""

import json
from collections.abc import Sequence
from typing import Any

from training.golden import GoldenReply

_NOT_FOUND = "the search finds nothing, so no model was asked"

Row = dict[str, Any]


def rows(replies: Sequence[GoldenReply]) -> list[Row]:
    """The replies as JSON; the sources say from what the answers were made."""
    return [
        {
            "id": one.golden.id,
            "question": one.golden.question,
            "right_answer": one.golden.answer,
            "found": bool(one.found),
            "sources": list(one.found),
            "before": {"text": one.before, "right": one.was_right},
            "after": {"text": one.after, "right": one.is_right},
        }
        for one in replies
    ]


def markdown(written: Sequence[Row]) -> str:
    """The section about ``rows``; empty if there are none. What became wrong comes first."""
    if not written:
        return ""
    asked = [one for one in written if one["found"]]
    before, after = (sum(one[when]["right"] for one in asked) for when in ("before", "after"))
    head = [
        "",
        "## Golden questions",
        "",
        f"Of {len(asked)} golden questions the live model answers {before} right, "
        f"the candidate {after}.",
        "",
    ]
    return "\n".join([*head, *map(_line, sorted(written, key=_rank)), ""])


def names(report: str, source: str) -> bool:
    """Whether a report in JSON may have an answer to a golden question from ``source``."""
    return json.dumps(source, ensure_ascii=False) in report


def without(written: Sequence[Row], source: str) -> list[Row]:
    """``rows`` without those whose answers were made from ``source``."""
    return [one for one in written if source not in one["sources"]]


def _rank(row: Row) -> tuple[bool, bool]:
    """What became wrong, then what the search does not find, then the rest."""
    is_unlearned = row["before"]["right"] and not row["after"]["right"]
    return not is_unlearned, row["found"]


def _line(row: Row) -> str:
    asked, right, before, after = (
        " ".join(text.split())
        for text in (
            row["question"],
            row["right_answer"],
            row["before"]["text"],
            row["after"]["text"],
        )
    )
    if not row["found"]:
        return f"- **{asked}** {_NOT_FOUND}; right is: {right}"
    became = " → ".join("right" if row[when]["right"] else "wrong" for when in ("before", "after"))
    return f"- **{asked}** {became}. Right is: {right}. Live: {before} Candidate: {after}"
