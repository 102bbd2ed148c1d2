"""Joins what was found by meaning and what was found by words, the same way for every index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.questions import Audience, Passage
from domain.text import truncate
from knowledge.chunk import PATH
from knowledge.words import asked, searchable

CANDIDATES = 50
"""How many chunks each of the two searches contributes, at least."""

WORDS = 0.35
"""The weight of the words; meaning has the rest. From 0.25 to 0.4 hardly anything changed."""


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


def fuse(
    question: str, by_meaning: Sequence[Candidate], by_words: Sequence[Candidate], k: int
) -> list[Passage]:
    """The best ``k`` of both lists; each candidate's ``similarity`` must be the true cosine.

    Similarities are stretched to 0 to 1 over the candidates, because how far apart the cosines of
    related and unrelated texts are differs from one embedding model to the next. The best match
    of words earns the share of the question's words that it holds, and the others in proportion:
    people paraphrase and misspell, and where few words are found again they should say little.
    """
    scored = {candidate.id: candidate.words for candidate in by_words}
    found = {candidate.id: candidate for candidate in (*by_words, *by_meaning)}
    low, high = _range(candidate.similarity for candidate in found.values())
    worth = _worth_of_words(question, by_words)
    passages = [
        Passage(
            candidate.id,
            candidate.source,
            truncate(candidate.title, PATH),  # older versions indexed titles of any length
            candidate.text,
            (1 - WORDS) * (candidate.similarity - low) / (high - low)
            + WORDS * worth * scored.get(candidate.id, 0.0),
            candidate.similarity,
            candidate.audience,
        )
        for candidate in found.values()
    ]
    return sorted(passages, key=lambda passage: (-passage.score, passage.id))[:k]


def _worth_of_words(question: str, by_words: Sequence[Candidate]) -> float:
    """What a point of BM25 is worth, so that the best match gets the share of words it holds."""
    best = max(by_words, key=lambda candidate: candidate.words, default=None)
    if best is None or best.words <= 0:
        return 0.0
    words = asked(question).split()
    held = set(searchable(f"{best.title} {best.text}").split())
    return sum(word in held for word in words) / len(words) / best.words


def cosine(one: Iterable[float], other: Iterable[float]) -> float:
    """The cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def _range(figures: Iterable[float]) -> tuple[float, float]:
    known = sorted(figures) or [0.0]
    low, high = known[0], known[-1]
    return (low, high) if high > low else (low - 1.0, low)
