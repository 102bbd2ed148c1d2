"""Finds out whether a set of words is similar to one of many sets, without comparing all of them.

Two sets are similar if their Jaccard index is at least ``SIMILAR``. The words of each set are
ordered, the rarest first. If two sets are similar, their first shared word is near the start of
both, because enough words must follow it for all the others that they share. So the sets are
indexed by each of their first words, their size and the word's position, and a set is compared only
with those that can share enough words (prefix and positional filtering, as in Xiao et al.,
"Efficient similarity joins for near-duplicate detection", 2011). The result is exact.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil

SIMILAR = 0.75
"""From this Jaccard index of their content words on, two questions may mean the same."""

Words = frozenset[str]


class WordSets:
    """An index of sets of words, to find out whether one of them is similar to another set."""

    def __init__(self, sets: Iterable[Words]) -> None:
        self._sets = set(sets)
        self._frequency = Counter(word for words in self._sets for word in words)
        self._kept: defaultdict[tuple[str, int, int], list[Words]] = defaultdict(list)
        for words in self._sets:
            size = len(words)
            for position, word in enumerate(self._ordered(words)[: _prefix(size)]):
                self._kept[word, size, position].append(words)

    def resemble(self, words: Words) -> bool:
        """Whether one of the sets is similar to ``words``."""
        if words in self._sets:
            return True
        size = len(words)
        sizes = range(ceil(SIMILAR * size), int(size / SIMILAR) + 1)
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
    """How many words two sets of these sizes must share to be similar."""
    return ceil(SIMILAR / (1 + SIMILAR) * (size + other) - 1e-9)


def _prefix(size: int) -> int:
    """How many of a set's first words are indexed: one of them is shared with each similar set."""
    return size - ceil(SIMILAR * size) + 1
