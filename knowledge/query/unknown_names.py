"""Finds out whether a question names something that no document does.

Such a question is seldom about the documents, so the passages must then fit it better. Only English
questions are looked at: other languages, such as German, begin other words with capitals too.
"""

import re

from domain.function_words import ENGLISH
from domain.languages import language
from domain.protocols import Words
from knowledge.index.words import searchable

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_ENDS = (".", "?", "!", ":", "\n")
_NEAR = 20  # characters before a word: enough to see whether it begins a sentence
_MOST = 50  # names: a text with more is pasted
_SHORTEST_ACRONYM = 3  # letters, at the beginning of a sentence


def has_unknown_name(question: str, words: Words) -> bool:
    """Whether ``question`` has a name that no passage has. Raises DatabaseUnavailable."""
    names = {searchable(name) for name in _names(question)} - ENGLISH
    if not 0 < len(names) <= _MOST or language(question) != "English":
        return False
    # An index of an earlier version has no words: then nothing is known of any name.
    return not names <= words.known_words(names) and words.has_words()


def _names(text: str) -> list[str]:
    """The words with a capital that is not due to their place; none in a title or in capitals."""
    found = list(_WORD.finditer(text))
    capital = [one for one in found if one[0][0].isupper()]
    if 2 * len(capital) > len(found):
        return []
    return [
        one[0]
        for one in capital
        if _is_name(one[0], text[max(0, one.start() - _NEAR) : one.start()])
    ]


def _is_name(word: str, before: str) -> bool:
    before = before.rstrip(" \t\r\"'“”‘’(")
    if before and not before.endswith(_SENTENCE_ENDS):
        return len(word) > 1
    return word.isupper() and len(word) >= _SHORTEST_ACRONYM
