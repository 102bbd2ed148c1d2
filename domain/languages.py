"""Tells the language of a text if it is clear, and knows the function words of its language.

It judges by the script and by function words. A question of a few words may have none of them; then
nothing is said of it, since names and terms are the same in many languages.
"""

import unicodedata
from collections import Counter
from functools import lru_cache

from domain.function_words import DOUBTFUL, ENGLISH, FUNCTION_WORDS
from domain.words import folded, words

_READ = 2_000  # characters: more would not make it clearer
_CLEAR = 3  # what the words of a text that tell its language must count together
_CLEARLY_ENGLISH = 2  # English words, where none is of another language alone
_WITHOUT_BLANKS = ("HIRAGANA", "KATAKANA", "CJK", "HANGUL", "BOPOMOFO")
_LETTERS = 3  # of an alphabet, as many as one letter of these scripts counts
_LATIN = ("LATIN", "FULLWIDTH LATIN", "MATHEMATICAL", "MODIFIER", "FEMININE", "MASCULINE")


def is_clearly_foreign(text: str) -> bool:
    """Whether ``text`` is surely not in English.

    At least half of its letters are of another script; or it has a function word of one other
    language, more that speaks for that language, and no function word of English alone.
    """
    text = text[:_READ]
    return _has_other_script(text) or bool(_language(text))


def language(text: str) -> str:
    """The language that ``text`` is clearly in, by its English name; empty if none is clear.

    In other scripts than Latin it is the script alone, except that Japanese is told from Chinese.
    """
    text = text[:_READ]
    if script := _script(text):
        return script
    if other := _language(text):
        return other
    found = {word.casefold() for word in words(text) if not word.isupper()}
    counts = Counter(
        language for word in found - ENGLISH - DOUBTFUL for language in _languages().get(word, ())
    )
    english = len(found & ENGLISH)
    if not counts:
        is_english = english >= _CLEARLY_ENGLISH or not _only_english().isdisjoint(found)
        return "English" if is_english else ""
    best, count = counts.most_common(1)[0]
    return best if count >= 2 * max(1, len((found & ENGLISH) - _lists()[best])) else ""


def function_words_of(language: str) -> frozenset[str]:
    """The function words of a language that no English text has."""
    return _lists().get(language, frozenset()) - ENGLISH


def function_words(text: str) -> frozenset[str]:
    """The function words of the language of ``text``, as they are written and without accents.

    Empty for English, and if the language is not clear.
    """
    return _lists().get(_language(text[:_READ]), frozenset())


def telling_words(text: str) -> frozenset[str]:
    """The function words that no English text has, of the language that ``text`` is clearly in."""
    return function_words(text) - DOUBTFUL - ENGLISH


def _has_other_script(text: str) -> bool:
    if text.isascii():
        return False
    letters = [letter for letter in text if letter.isalpha()]
    other = [one for one in letters if not one.isascii() and not _is_latin(one)]
    return len(other) > 1 and 2 * len(other) >= len(letters)


def _script(text: str) -> str:
    """The script of most of ``text`` if that is not Latin, ``Japanese`` if it has kana."""
    if text.isascii():
        return ""
    counts: Counter[str] = Counter()
    for letter in filter(str.isalpha, text):
        is_latin = letter.isascii() or _is_latin(letter)
        script = "LATIN" if is_latin else unicodedata.name(letter, "LATIN").split(maxsplit=1)[0]
        counts[script] += _LETTERS if script in _WITHOUT_BLANKS else 1
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if kana:
        counts["JAPANESE"] = kana + counts.pop("CJK", 0)
        counts["HIRAGANA"] = counts["KATAKANA"] = 0
    best, count = counts.most_common(1)[0] if counts else ("LATIN", 0)
    return "" if best == "LATIN" or count <= 1 else {"CJK": "Chinese"}.get(best, best.title())


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "LATIN").startswith(_LATIN)


def _language(text: str) -> str:
    """The other language whose function words ``text`` clearly has; empty if there is none."""
    found = [word.casefold() for word in words(text) if not word.isupper()]
    known, lists = _languages(), _lists()
    if not _only_english().isdisjoint(found):
        return ""
    counts: Counter[str] = Counter()
    for word in found:
        for language in known.get(word, ()):
            counts[language] += _worth(word)
    if not counts:
        return ""
    best, count = counts.most_common(1)[0]
    its = {word for word in found if word in lists[best]}
    is_english = any(word in ENGLISH and word not in its for word in found)
    is_sure = bool(its - DOUBTFUL - ENGLISH) and count + _has_accents(text) >= _CLEAR
    return best if is_sure and not is_english else ""


def _has_accents(text: str) -> bool:
    """Whether a word that is no name has a Latin letter that English words hardly have."""
    return not text.isascii() and any(
        word.islower() and any(not letter.isascii() and _is_latin(letter) for letter in word)
        for word in words(text)
    )


def _worth(word: str) -> int:
    """Half as much for words that are also in English texts, and nothing for function words."""
    return 0 if word in ENGLISH else 1 if word in DOUBTFUL else 2


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    """The function words of each language, as they are written and without accents."""
    return {
        language: frozenset(line.split()) | frozenset(folded(line).split())
        for language, line in FUNCTION_WORDS.items()
    }


@lru_cache(maxsize=1)
def _languages() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for language, known in _lists().items():
        for word in known:
            found.setdefault(word, []).append(language)
    return found


@lru_cache(maxsize=1)
def _only_english() -> frozenset[str]:
    return ENGLISH.difference(_languages())
