"""What holds a code of the question that hardly anything else holds comes first."""

from collections.abc import Sequence
from dataclasses import replace

from domain.candidates import Candidate
from knowledge.index.words import codes, searchable
from knowledge.query.fusion import best_first

FEW = 3
"""A code that at most so many passages hold tells which of them is asked for."""


def codes_first(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, best first; what a code names is more than 1 better than all others.

    Passages about things of one kind are so similar that their vectors do not tell which is which.
    """
    named = _named(question, [one for one in candidates if one.words])
    if not named:
        return list(candidates)
    worst = min(one.score for one in candidates if one.key in named)
    more = 1 + max(one.score for one in candidates) - worst
    return best_first(
        replace(one, score=one.score + more) if one.key in named else one for one in candidates
    )


def _named(question: str, by_words: Sequence[Candidate]) -> set[tuple[str, str]]:
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
