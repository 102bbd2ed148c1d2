"""Combines the results of the search by meaning and the search by words, for every index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.blocks import NOWHERE, Where
from domain.questions import Audience, Passage
from domain.text import truncate
from knowledge.chunk import PATH
from knowledge.index.words import asked, codes, searchable

CANDIDATES = 50
"""The least number of chunks that each of the two searches returns."""

WORDS = 0.35
"""The weight of the words; the meaning has the rest. Results hardly differ from 0.25 to 0.4."""

FEW = 3
"""A code that at most so many passages hold tells which of them is asked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that was found: ``similarity`` is a cosine, ``words`` a BM25 score or 0."""

    id: str
    document: str
    title: str
    text: str
    audience: Audience
    similarity: float
    words: float = 0.0
    where: Where = NOWHERE

    @property
    def key(self) -> tuple[str, str]:
        """Chunks of several documents may have the same id."""
        return self.document, self.id


def fuse(
    question: str, by_meaning: Sequence[Candidate], by_words: Sequence[Candidate], k: int
) -> list[Passage]:
    """The best ``k`` of both lists; each candidate's ``similarity`` must be the true cosine.

    The candidates' similarities are scaled to 0 to 1, because embedding models differ in how far
    apart the cosines of related and unrelated texts are. The best match by words gets the share of
    the question's words that it has, and the others get less in proportion. So if only few words of
    the question are found, because people paraphrase or misspell, words count little. But what
    holds a code of the question that hardly anything else holds comes first, with a score above 1.
    """
    scored = {candidate.key: candidate.words for candidate in by_words}
    found = {candidate.key: candidate for candidate in (*by_words, *by_meaning)}
    low, high = _range(candidate.similarity for candidate in found.values())
    worth = _worth_of_words(question, by_words)
    named = _named(question, by_words)
    passages = [
        Passage(
            candidate.id,
            "",
            truncate(candidate.title, PATH),  # earlier versions indexed titles of any length
            candidate.text,
            (1 - WORDS) * (candidate.similarity - low) / (high - low)
            + WORDS * worth * scored.get(candidate.key, 0.0)
            + (candidate.key in named),
            candidate.similarity,
            candidate.audience,
            candidate.where,
            candidate.document,
        )
        for candidate in found.values()
    ]
    return sorted(passages, key=lambda passage: (-passage.score, passage.document, passage.id))[:k]


def _named(question: str, by_words: Sequence[Candidate]) -> set[tuple[str, str]]:
    """The keys of the few candidates that hold a code of the question.

    Passages about things of one kind are so similar that their vectors do not tell which is which.
    """
    asked_for = codes(question)
    if not asked_for:
        return set()
    texts = {each.key: f" {searchable(f'{each.title} {each.text}')} " for each in by_words}
    found: set[tuple[str, str]] = set()
    for code in asked_for:
        holders = {key for key, text in texts.items() if f" {code} " in text}
        if len(holders) <= FEW:
            found |= holders
    return found


def _worth_of_words(question: str, by_words: Sequence[Candidate]) -> float:
    """The factor for BM25 scores with which the best match gets the share of words it has."""
    best = max(by_words, key=lambda candidate: candidate.words, default=None)
    if best is None or best.words <= 0:
        return 0.0
    words = asked(question).split()
    best_words = set(searchable(f"{best.title} {best.text}").split())
    return sum(word in best_words for word in words) / len(words) / best.words


def cosine(one: Iterable[float], other: Iterable[float]) -> float:
    """The cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def _range(figures: Iterable[float]) -> tuple[float, float]:
    known = sorted(figures) or [0.0]
    low, high = known[0], known[-1]
    return (low, high) if high > low else (low - 1.0, low)
