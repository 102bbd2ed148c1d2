"""Chunks that may answer a question, before one knows where the person who asks finds them."""

from dataclasses import dataclass
from typing import NamedTuple

from domain.blocks import NOWHERE, Where
from domain.questions import Audience


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that a search of the index found.

    ``similarity`` is the cosine of the question and the chunk, ``words`` a BM25 score, or 0 if it
    has none of the question's words. ``row`` names it in the index, until that changes.
    """

    id: str
    document: str
    title: str
    text: str
    audience: Audience
    similarity: float
    words: float = 0.0
    where: Where = NOWHERE
    place: int = 0
    row: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Chunks of several documents may have the same id."""
        return self.document, self.id


class Ranked(NamedTuple):
    """A candidate with its score after a step of a search; greater is better."""

    score: float
    candidate: Candidate

    @property
    def key(self) -> tuple[str, str]:
        return self.candidate.key
