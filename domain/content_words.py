"""The words of a text that carry meaning."""

import re

from domain.function_words import STOPWORDS
from domain.languages import function_words
from domain.words import words

_HIRAGANA = re.compile(r"[\u3041-\u309f\u30fc]+")


def content_words(text: str) -> frozenset[str]:
    """The lower-cased words of ``text`` that carry meaning; all of its words if none does.

    In another language than English these are fewer if the language is clear. Of Japanese, what is
    written in hiragana alone is mostly particles and endings.
    """
    found = frozenset(word.lower() for word in words(text))
    content = found - STOPWORDS - function_words(text)
    return frozenset(word for word in content if not _HIRAGANA.fullmatch(word)) or found
