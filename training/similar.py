"""Finds out whether a set of words resembles one of many, without comparing it with each.

Two sets resemble each other where they share at least ``ALIKE`` of their words (Jaccard). Words are
ordered, the rarest first. Sets that resemble each other share a word near the start of both: behind
the first shared word there must still be room for all the others that they need to share. So each
set is kept under its first few words, with its size and the word's position, and only those that
leave enough room are compared (prefix and positional filtering, as in Xiao et al., "Efficient
similarity joins for near-duplicate detection", 2011). The answer is exact.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil

ALIKE = 0.75
"""Questions that share this much of their content words may mean the same."""

Words = frozenset[str]


class WordSets:
    """Many sets of words, asked whether one of them resembles another."""

    def __init__(self, sets: Iterable[Words]) -> None:
        self._sets = set(sets)
        self._frequency = Counter(word for words in self._sets for word in words)
        self._kept: defaultdict[tuple[str, int, int], list[Words]] = defaultdict(list)
        for words in self._sets:
            size = len(words)
            for position, word in enumerate(self._ordered(words)[: _prefix(size)]):
                self._kept[word, size, position].append(words)

    def resemble(self, words: Words) -> bool:
        """Whether one of the sets shares at least ``ALIKE`` of its words with ``words``."""
        if words in self._sets:
            return True
        size = len(words)
        sizes = range(ceil(ALIKE * size), int(size / ALIKE) + 1)
        for position, word in enumerate(self._ordered(words)[: _prefix(size)]):
            if word not in self._frequency:
                continue
            for other_size in sizes:
                shared = _needed(size, other_size)
                if size - position < shared:
                    continue
                for other_position in range(other_size - shared + 1):
                    others = self._kept.get((word, other_size, other_position), ())
                    if any(len(words & other) >= shared for other in others):
                        return True
        return False

    def _ordered(self, words: Words) -> list[str]:
        return sorted(words, key=lambda word: (self._frequency[word], word))


def _needed(size: int, other: int) -> int:
    """How many words two sets of these sizes must share to be alike."""
    return ceil(ALIKE / (1 + ALIKE) * (size + other) - 1e-9)


def _prefix(size: int) -> int:
    """How many words may come before the first that a set shares with one that is alike, plus 1."""
    return size - ceil(ALIKE * size) + 1
