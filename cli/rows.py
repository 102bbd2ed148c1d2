"""Reads and checks the JSON Lines files of commands: one row on each line."""

import sys
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import ConfigError
from domain.questions import Message, Verdict


class _Turn(BaseModel):
    role: Literal["user", "assistant"]
    content: str


class QuestionRow(BaseModel):
    """A question, with the right answer if it is known."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    question: str
    history: tuple[_Turn, ...] = ()
    evidence: str | tuple[str, ...] | None = None
    answer: str | None = None

    @property
    def turns(self) -> tuple[Message, ...]:
        return tuple(Message(turn.role, turn.content) for turn in self.history)

    @property
    def accepted(self) -> str:
        """The right answer, or the quotes that contain it; empty if there is none."""
        quotes = (self.evidence,) if isinstance(self.evidence, str) else self.evidence or ()
        return " ".join(quotes) or self.answer or ""

    @property
    def right(self) -> str:
        """The right answer as a person would give it, or else the quotes that contain it."""
        return self.answer or self.accepted


class GoldenRow(QuestionRow):
    """A question whose right answer no night may unlearn."""

    must_not: tuple[str, ...] = ()


class RatingRow(BaseModel):
    """A rating of an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    answer_id: str
    verdict: Verdict
    correction: str | None = None
    reason: str | None = None
    by: str | None = None


Row = TypeVar("Row", bound=BaseModel)


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Every row of a file, or of standard input for ``-``. Two questions must not have the same id.

    Raises ConfigError with the line's number.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read.", str(error)) from error
    rows = []
    lines: dict[str, int] = {}
    # A text may hold other ends of lines, as U+2028, which stand as they are in JSON.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = kind.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in problem["loc"])
            raise ConfigError(
                f"{path}, line {number}: {field + ': ' if field else ''}{problem['msg']}"
            ) from error
        if isinstance(row, QuestionRow) and (before := lines.setdefault(row.id, number)) != number:
            raise ConfigError(
                f"{path}, line {number}: id: {row.id!r} is the id of line {before} already"
            )
        rows.append(row)
    if not rows:
        raise ConfigError(f"{path} has no rows")
    return rows
