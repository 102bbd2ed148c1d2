"""Prepares words for both indexes in the same way, so that both find the same ones."""

import re

from domain.content_words import content_words
from domain.words import apart, folded, words

WORDS = "2"
"""Changes with how words are cut; then documents are read again."""

_WORD = re.compile(r"\w+")
_JOINED = re.compile(r"\w+(?:[-\u2010\u2011.]\w+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_QUANTITY = re.compile(r"\d{1,4}-?[^\W\d_]+")
_LONGEST = 40
_MOST = 1_000  # words: 20,000 took twenty seconds


def searchable(text: str) -> str:
    """The words of ``text``, lower-cased, without accents, separated by single spaces.

    `domain.words` says how they are cut in languages without blanks.
    """
    return " ".join(word[:_LONGEST] for word in words(folded(text)))


def asked(text: str) -> str:
    """The words of a question that are searched for: all but stop words, at most a thousand."""
    found = searchable(text)
    content = content_words(found)
    first = [word for word in dict.fromkeys(found.split()) if word in content][:_MOST]
    return " ".join(sorted(first))


def searches(text: str) -> list[str]:
    """What a question is searched for: its words, and its codes once more alone.

    Where many passages share its other words, a passage with the code alone would not be found. Of
    each at most a thousand are searched for.
    """
    words, alone = asked(text), " ".join(" ".join(sorted(codes(text))).split()[:_MOST])
    return [one for one in dict.fromkeys((words, alone)) if one]


def codes(text: str) -> set[str]:
    """What in ``text`` looks like the code of something, as `searchable` writes it.

    That is a word of letters and digits such as ``E_4032``, ``KX-01`` or ``ISO9001``, or a number
    of four digits or more; not a year, a round number, or a quantity such as ``30min`` or ``3rd``.
    Of words that are joined by hyphens or points each may be one too, as in ``E_4032-related``.
    """
    joined = _JOINED.findall(apart(text))
    parts = [part for word in joined for part in _WORD.findall(word)]
    return {searchable(word) for word in (*joined, *parts) if _is_code(word)}


def _is_code(word: str) -> bool:
    if word.isdigit():
        return len(word) > 3 and not word.endswith("00") and not _YEAR.fullmatch(word)
    is_mixed = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    return is_mixed and len(word) > 2 and not _QUANTITY.fullmatch(word)
