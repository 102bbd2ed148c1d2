"""Cuts text into words; those of scripts without blanks into parts that overlap.

Chinese, Japanese, Thai, Lao, Khmer and Burmese have no blanks between words, and Korean words have
particles that change. Which letters are a word could only be told with a dictionary of each
language. Instead every two letters that stand together count as one word, or every three of the
scripts whose letters are an alphabet: what two texts share, they share in these too.
"""

import re
import unicodedata
from collections.abc import Iterator

_PAIRS = (
    "\u3005-\u3007\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_TRIPLES = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"  # Thai, Lao
    "\u1000-\u103f\u1050-\u108f\ua9e0-\ua9ef\uaa60-\uaa7f\u1780-\u17d3"  # Burmese, Khmer
)
_MARKS = "\u0300-\u036f\u0483-\u0489" + "".join(  # accents, and those of Hebrew to Malayalam
    mark for mark in map(chr, range(0x591, 0xE00)) if unicodedata.category(mark)[0] == "M"
)
"""Marks on letters, such as the vowel signs of Hindi, which are no letters to ``\\w``."""

_VOICED = "\u3099\u309a"
"""Marks that make another letter of a Japanese one: they are no accents."""

_OTHER = rf"[^\W{_PAIRS}{_TRIPLES}]"
_WORD = re.compile(rf"([{_PAIRS}]+)|([{_TRIPLES}]+)|{_OTHER}+(?:[{_MARKS}]+{_OTHER}*)*+")
_PLAIN = re.compile(r"\w+")
_SPECIAL = re.compile(rf"[{_PAIRS}{_TRIPLES}{_MARKS}]")
_NUMBER_OR_SIGN = re.compile(
    r"(?<!\w)[^\W\d_]{0,3}\d+(?:[.,:/]\d+)+|[$€£¥₹₩₽%‰<>≤≥±]|(?<!\w)[-−](?=\d)"
)
_WITHOUT_BLANKS = re.compile(rf"[{_PAIRS}{_TRIPLES}]+")


def words(text: str) -> list[str]:
    """The words of ``text`` in order, as they are written."""
    return list(_words(text)) if _SPECIAL.search(text) else _PLAIN.findall(text)


def words_and_signs(text: str) -> list[str]:
    """The words of ``text``, its numbers whole, and the signs that change these.

    As in ``1.5``, ``v3.1`` and ``$``.
    """
    found: list[str] = []
    at = 0
    for sign in _NUMBER_OR_SIGN.finditer(text):
        found += (*words(text[at : sign.start()]), sign[0])
        at = sign.end()
    return found + words(text[at:])


def apart(text: str) -> str:
    """``text`` without its words in scripts that have no blanks, so that others stand alone."""
    return _WITHOUT_BLANKS.sub(" ", text)


def folded(text: str) -> str:
    """``text`` in lower case and without accents, for comparing."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text).casefold()
    bare = [part for part in parts if part in _VOICED or not unicodedata.combining(part)]
    return unicodedata.normalize("NFC", "".join(bare))


def _words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        word, size = found[0], found.lastindex
        if size is None:
            yield word
        else:
            parts = size + 1
            yield from (word[n : n + parts] for n in range(max(1, len(word) - parts + 1)))
