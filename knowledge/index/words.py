"""Prepares words for both indexes in the same way, so that both find the same ones."""

import re
import unicodedata

from domain.citations import content_words

_WORD = re.compile(r"\w+")
_CODE = re.compile(r"\w+(?:[-./:]\w+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_QUANTITY = re.compile(r"\d{1,4}[^\W\d_]+")
_LONGEST = 40


def searchable(text: str) -> str:
    """The words of ``text``, lower-cased, without accents, separated by single spaces."""
    bare = text.lower() if text.isascii() else _without_accents(text)
    return " ".join(word[:_LONGEST] for word in _WORD.findall(bare))


def asked(text: str) -> str:
    """The words of a question that are searched for: all but stop words."""
    return " ".join(sorted(content_words(searchable(text))))


def codes(text: str) -> set[str]:
    """What in ``text`` looks like the code of something, as `searchable` writes it.

    That is a word of letters and digits such as ``E_4032``, ``KX-01`` or ``ISO9001``, or a number
    of four digits or more; not a year, a time, a quantity such as ``30min``, or ``3rd``.
    """
    found = set()
    for match in _CODE.finditer(text):
        word = match[0]
        is_number = not any(map(str.isalpha, word))
        is_long = word.isdigit() and len(word) > 3 and not _YEAR.fullmatch(word)
        is_mixed = not is_number and any(map(str.isdigit, word)) and len(word) > 2
        if is_long or (is_mixed and not _QUANTITY.fullmatch(word)):
            found.add(searchable(word))
    return found


def _without_accents(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(mark for mark in folded if not unicodedata.combining(mark))
