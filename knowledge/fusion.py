"""Joins what was found by meaning and what was found by words, the same way for every index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.questions import Audience, Passage

CANDIDATES = 50
"""How many chunks each of the two searches contributes, at least."""

WORDS = 0.15
"""The weight of the words; meaning has the rest. People paraphrase and misspell: fused with equal
weight, words made the ranking worse than meaning alone; up to some 0.3 they help."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that was found: ``similarity`` is a cosine, ``words`` a BM25 score, 0 if unknown."""

    id: str
    source: str
    title: str
    text: str
    audience: Audience
    similarity: float
    words: float = 0.0


def fuse(by_meaning: Sequence[Candidate], by_words: Sequence[Candidate], k: int) -> list[Passage]:
    """The best ``k`` of both lists; each candidate's ``similarity`` must be the true cosine.

    Both figures are stretched to 0 to 1 over the candidates, because how far apart the cosines of
    related and unrelated texts are differs from one embedding model to the next.
    """
    scored = {candidate.id: candidate.words for candidate in by_words}
    found = {candidate.id: candidate for candidate in (*by_words, *by_meaning)}
    low, high = _range(candidate.similarity for candidate in found.values())
    most = max(scored.values(), default=0.0) or 1.0
    passages = [
        Passage(
            candidate.id,
            candidate.source,
            candidate.title,
            candidate.text,
            (1 - WORDS) * (candidate.similarity - low) / (high - low)
            + WORDS * scored.get(candidate.id, 0.0) / most,
            candidate.similarity,
            candidate.audience,
        )
        for candidate in found.values()
    ]
    return sorted(passages, key=lambda passage: (-passage.score, passage.id))[:k]


def cosine(one: Iterable[float], other: Iterable[float]) -> float:
    """The cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def _range(figures: Iterable[float]) -> tuple[float, float]:
    known = sorted(figures) or [0.0]
    low, high = known[0], known[-1]
    return (low, high) if high > low else (low - 1.0, low)
