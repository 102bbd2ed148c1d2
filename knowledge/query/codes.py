"""What holds a code of the question that hardly anything else holds comes first."""

from collections.abc import Sequence

from domain.candidates import Candidate, Ranked
from knowledge.index.words import codes, searchable
from knowledge.query.fusion import best_first

FEW = 3
"""A code that at most so many passages hold tells which of them is asked for."""


def codes_first(question: str, ranked: Sequence[Ranked]) -> list[Ranked]:
    """The candidates, best first; what a code names is more than 1 better than all others.

    Passages about things of one kind are so similar that their vectors do not tell which is which.
    """
    named = _named(question, [one.candidate for one in ranked if one.candidate.words])
    if not named:
        return list(ranked)
    worst = min(one.score for one in ranked if one.key in named)
    more = 1 + max(one.score for one in ranked) - worst
    return best_first(
        Ranked(one.score + more, one.candidate) if one.key in named else one for one in ranked
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
