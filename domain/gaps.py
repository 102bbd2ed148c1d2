"""Gaps: questions of about the same meaning that the documents did not answer, or answered badly.

    open ── closed by somebody ──→ closed ── asked again and not answered ──→ open
      └─── dismissed by somebody → dismissed ── asked much more often ──────→ open

A gap is closed once somebody wrote the answer, added a document, or said that it is answered by
now. Then its questions are asked again, and those who asked are told what is answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from domain.causes import Cause
from domain.embeddings import Vector
from domain.questions import Question, Rating
from domain.words import words

RECENT = timedelta(weeks=4)
"""Questions that failed longer ago make no new gaps, and keep none in the digest."""

_MUCH_MORE = 2
_AT_LEAST = 5
"""A dismissed gap is open again once it was asked twice as often since as it was before, and at
least five times."""


class GapState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Closing(StrEnum):
    """What closed a gap."""

    ANSWER = "answer"
    DOCUMENT = "document"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Gap:
    """``closed_at`` and ``closed_by`` say when, and by whom, it was closed or dismissed last.

    ``closed_with`` is the document's address, or the written answer. ``asked_before`` is how many
    questions it had when it was dismissed. ``awaited`` is the address of the document that somebody
    named at ``awaited_at``: the gap is closed when that may answer more than it did then. ``team``
    is the workspace, empty for questions from the terminal.
    """

    id: str
    team: str
    opened_at: datetime
    state: GapState = GapState.OPEN
    closing: Closing | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    closed_with: str = ""
    reopened_at: datetime | None = None
    asked_before: int = 0
    awaited: str = ""
    awaited_at: datetime | None = None
    awaited_by: str = ""


@dataclass(frozen=True, slots=True)
class FailedQuestion:
    """A question that was refused, or whose answer was rated bad; ``cause`` is what was at fault.

    ``failed_at`` is when it was refused, or when its answer was rated bad last.
    """

    question: Question
    is_refused: bool
    failed_at: datetime
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class GapQuestion:
    """A failed question in its gap; ``told_at`` is when whoever asked was told a right answer.

    ``key`` is the question's ``same_words`` when ``model`` made the ``vector`` of it.
    """

    gap: str
    failed: FailedQuestion
    key: str
    model: str
    vector: Vector
    told_at: datetime | None = None

    @property
    def question(self) -> Question:
        return self.failed.question


@dataclass(frozen=True, slots=True)
class BadAnswer:
    """What was answered, and what people say was wrong with it; ``said`` has at least one."""

    text: str
    said: tuple[Rating, ...]


def same_words(text: str) -> str:
    """A key that is equal for questions that differ only in case, blanks and signs."""
    found = " ".join(word.casefold() for word in words(text))
    return sha256((found or text).encode(errors="surrogatepass")).hexdigest()[:32]


def gap_id_of(questions: Iterable[Question]) -> str:
    """The id of a new gap of some questions, by the earliest: ``g`` and 16 hexadecimal digits."""
    first = min(questions, key=lambda one: (one.asked_at, one.id))
    return "g" + sha256(f"{first.id} {same_words(first.text)}".encode()).hexdigest()[:16]


def is_open_again(gap: Gap, failed: Iterable[FailedQuestion]) -> bool:
    """Whether these questions open a closed or dismissed gap again."""
    if gap.closed_at is None or gap.state is GapState.OPEN:
        return False
    later = sum(1 for one in failed if one.failed_at > gap.closed_at)
    if gap.state is GapState.CLOSED:
        return later > 0
    return later >= max(_AT_LEAST, _MUCH_MORE * gap.asked_before)
