"""The words that the passages have, by which misspelt questions are corrected."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from domain.documents import Chunk
from domain.protocols import PassageIndex, Words
from knowledge.chunk import embedded_text
from knowledge.index.words import searchable

SHORTEST, LONGEST = 3, 30
"""Letters of the words that are kept; longer ones are seldom words, and seldom typed."""

_WORD = re.compile(rf"(?<!\S)[^\W\d_]{{{SHORTEST},{LONGEST}}}(?!\S)")


class Vocabulary:
    """Keeps the words of an index. It may know words of deleted passages, never too few words."""

    def __init__(self, index: PassageIndex, words: Words) -> None:
        self._index, self._words = index, words

    def add(self, chunks: Iterable[Chunk]) -> None:
        """To be called before the chunks are written. Raises DatabaseUnavailable."""
        self._words.add_words(_counted(searchable(embedded_text(chunk)) for chunk in chunks))

    def build(self) -> None:
        """Counts all words again. Raises DatabaseUnavailable and IndexUnavailable."""
        before = self._words.all_words()
        self._words.set_words(_counted(self._index.words()), before)

    def build_if_missing(self) -> None:
        """An index of an earlier version has no words. Raises as ``build``."""
        if not self._words.has_words():
            self.build()


def plain_words(text: str) -> Sequence[str]:
    """The words of letters alone in ``text``, which `searchable` made.

    Only those of scripts with capital letters: others are not corrected.
    """
    return [word for word in _WORD.findall(text) if word != word.upper()]


def _counted(texts: Iterable[str]) -> Counter[str]:
    passages: Counter[str] = Counter()
    for text in texts:
        passages.update(set(plain_words(text)))
    return passages
