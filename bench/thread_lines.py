"""Lines of threads of which somebody said whether they are meant for the bot."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.questions.lines import Line

FILE = Path(__file__).parent.parent / "tests" / "bot" / "thread_lines.jsonl"
UNSEEN = (28, 35, 36)
"""The authors from whose lines nothing is learned."""

UNAWARE = (1, 2, 3, 4, 5, 6, 7, 8, 9, 27, 28)
"""The authors who did not know how lines are judged. Their lines are as hard as those of threads
are; of the others, some left out what is easy, and those from 29 on were asked for hard ones.
"""

_NO_NAME = re.compile(r"U\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """``author`` wrote ``line``, which comes after ``before``; ``names`` are the others'."""

    author: int
    line: Line
    before: Sequence[Line]
    names: Sequence[str]
    is_meant: bool


def read() -> list[Row]:
    return [_row(json.loads(one)) for one in FILE.read_text(encoding="utf-8").splitlines()]


def _row(held: dict[str, Any]) -> Row:
    line, before = _line(held["line"]), [_line(one) for one in held["thread"]]
    others = {one.person for one in before if not one.is_own} - {line.person}
    names = sorted(one for one in others if not _NO_NAME.fullmatch(one))
    return Row(held["author"], line, before, names, held["meant"])


def _line(said: dict[str, Any]) -> Line:
    is_own = said["who"] == "bot"
    refused = said.get("refused", False)
    return Line(said["who"], said["text"], is_own=is_own, is_refusal=refused)
