"""Chunks that may answer a question, before one knows where the person who asks finds them."""

from dataclasses import dataclass

from domain.blocks import NOWHERE, Where
from domain.questions import Audience


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that a search of the index found.

    ``similarity`` is the cosine of the question and the chunk, ``words`` a BM25 score, or 0 if it
    has none of the question's words. ``tokens`` are those of its embedding. ``score`` orders the
    candidates, greater is better; the steps of a search set it.
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
    tokens: bytes = b""
    score: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Chunks of several documents may have the same id."""
        return self.document, self.id
