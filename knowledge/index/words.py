"""Prepares words for both indexes in the same way, so that both find the same ones."""

import re
import unicodedata

from domain.citations import content_words

_WORD = re.compile(r"\w+")
_LONGEST = 40


def searchable(text: str) -> str:
    """The words of ``text``, lower-cased, without accents, separated by single spaces."""
    bare = text.lower() if text.isascii() else _without_accents(text)
    return " ".join(word[:_LONGEST] for word in _WORD.findall(bare))


def asked(text: str) -> str:
    """The words of a question that are searched for: all but stop words."""
    return " ".join(sorted(content_words(searchable(text))))


def _without_accents(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(mark for mark in folded if not unicodedata.combining(mark))
