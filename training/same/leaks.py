"""Finds questions that are so near to trained ones that the answer may be the same.

A model must not be compared on those. Questions are near if they ask for the same (a person, a
time, …) in similar words; those of many words are near whatever they ask for, since people word
one question in different ways.
"""

from collections import defaultdict
from collections.abc import Iterable

from domain.adapters import Example
from training.same.meaning import Meaning, Words, meaning
from training.similar import WordSets

_MANY = 6
"""From so many words on, what a question asks for does not make it another one."""

_YES_OR_NO = "yes or no"
_VAGUE = "what"
_FEW = 2


class Trained:
    """The questions that are trained on."""

    def __init__(self, rows: Iterable[Example]) -> None:
        by_kind: defaultdict[str, list[Words]] = defaultdict(list)
        for row in rows:
            asked = meaning(row.question)
            by_kind[_kind(asked)].append(_words(row, asked))
        self._by_kind = {kind: WordSets(sets) for kind, sets in by_kind.items()}
        every = [words for sets in by_kind.values() for words in sets]
        self._all = WordSets(every)
        self._many = WordSets(words for words in every if len(words) >= _MANY)

    def resemble(self, row: Example) -> bool:
        """Whether one of them is near to ``row``'s question, or the same."""
        asked = meaning(row.question)
        words, kind = _words(row, asked), _kind(asked)
        if kind == _VAGUE:
            return self._all.resemble(words)
        near = (self._by_kind.get(kind), self._by_kind.get(_VAGUE), self._many)
        return any(sets.resemble(words) for sets in near if sets)


def _kind(asked: Meaning) -> str:
    return _YES_OR_NO if asked.kind.is_yes_or_no else str(asked.kind)


def _words(row: Example, asked: Meaning) -> Words:
    """A question of few words is understood with what was asked before it."""
    if len(asked.words) > _FEW:
        return asked.words
    before = (turn.content for turn in row.prompt[1:-1] if turn.role == "user")
    return asked.words.union(*(meaning(text).words for text in before))
