"""The names in a sentence: people, places, products, codes and addresses."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from domain.support.amounts import amount_at
from domain.support.calendar_words import MONTHS, WEEKDAYS
from domain.support.clock import AM, O_CLOCK
from domain.support.function_words import FUNCTION_WORDS
from domain.support.tokens import Token
from domain.support.units import SCALES, UNITS
from domain.support.vocabulary import is_known

_TITLES = frozenset(
    "mr mrs ms miss dr prof herr frau sir madam señor señora monsieur madame".split()
)
_JOINING = re.compile(r"(?<!\d)[-‐‑_./#]|[-‐‑_./#](?!\d)")
_JOINING_DIGITS = re.compile(r"(?<=\d)[-‐‑_/#](?=\d)")
_GERMAN = frozenset(
    "der das und ist nicht ein eine einen für wird werden auf im zum zur nach gibt sie keine kann "
    "darf muss oder eines einer einem von bei bis über unter".split()
)
_ENGLISH = frozenset("the is are of and you to at by with for".split())
_GERMAN_WORDS = 3
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Name:
    """``key`` is how it is compared. ``sure`` is false where only its place gives it a capital."""

    text: str
    key: str
    at: int
    sure: bool


def names(
    words: Sequence[Token],
    common: frozenset[str],
    values: frozenset[int],
    proper: frozenset[str] = frozenset(),
) -> list[Name]:
    """The names in ``words``.

    ``common`` are words that the passages or the question write without a capital; they are no
    names. ``values`` are the positions of the numbers. ``proper`` are names also where a sentence
    begins. In German text words with capitals are nouns, so there only codes and the words behind
    ``Herr`` and ``Frau`` are names.
    """
    is_german = _is_german({word.low for word in words}, common)
    found = []
    for at, word in enumerate(words):
        low = word.low
        if word.is_sign or at in values or low in MONTHS or low in WEEKDAYS or low in _TITLES:
            continue
        if (low in UNITS or low in SCALES) and not values.isdisjoint((at - 1, at - 2, at + 1)):
            continue
        if (low in AM or low in O_CLOCK) and at - 1 in values:
            continue
        is_written = "@" in low or "://" in low or _is_letter(words, at)
        if is_written or (is_code(word.text) and not _is_number(words, at)):
            found.append(Name(word.text, key(word.text), at, sure=True))
        elif not word.text[0].isupper() or low in common or low in ("i", "ok"):
            continue
        elif is_german:
            if at and words[at - 1].low in _TITLES:
                found.append(Name(word.text, key(word.text), at, sure=True))
        elif word.opens and low in proper and low not in FUNCTION_WORDS:
            found.append(Name(word.text, key(word.text), at, sure=True))
        elif not word.opens or word.text[1:] != word.text[1:].lower():
            found.append(
                Name(word.text, key(word.text), at, sure=not is_known(low) or len(low) < 4)
            )
        elif not is_known(low) and _is_named(words, at, common):
            found.append(Name(word.text, key(word.text), at, sure=_is_full_name(words, at, common)))
    return found


def _is_german(lows: AbstractSet[str], common: frozenset[str]) -> bool:
    """Whether the sentence is German, or is of no language and the passages are German."""
    german = len(lows & _GERMAN)
    if german:
        return german > len(lows & _ENGLISH)  # names have "von" too
    return lows.isdisjoint(_ENGLISH) and len(_GERMAN & common) >= _GERMAN_WORDS


def _is_letter(words: Sequence[Token], at: int) -> bool:
    """Whether it is the letter of ``hall B``, and not the initial of a person."""
    word = words[at]
    if len(word.text) > 1 or word.opens or not word.text.isupper() or word.text == "I":
        return False
    behind = words[at + 1] if at + 1 < len(words) else None
    return words[at - 1].low.isalpha() and not (behind and behind.text[0].isupper())


def _is_named(words: Sequence[Token], at: int, common: frozenset[str]) -> bool:
    """Whether a word at the beginning can be a name: another name or a verb stands behind it."""
    low = words[at].low
    return not low.endswith("ing") and (
        _is_full_name(words, at, common) or not low.endswith(("s", "ed", "ly", "tion", "ment"))
    )


def _is_full_name(words: Sequence[Token], at: int, common: frozenset[str]) -> bool:
    """Whether another name stands behind it: ``Karim Haddad``."""
    behind = words[at + 1] if at + 1 < len(words) else None
    return behind is not None and behind.text[0].isupper() and behind.low not in common


def is_code(text: str) -> bool:
    """Whether ``text`` has digits, or is written as in programs: ``AB-12``, ``1:5``, ``a_b``."""
    is_mixed = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    has_digits = is_mixed or any(map(str.isdecimal, text))
    return len(text) <= _LONGEST and (has_digits or ("_" in text and text.strip("_") != ""))


def _is_number(words: Sequence[Token], at: int) -> bool:
    """Whether what has digits, and no letter, is an amount; an address or ``1:5`` is none."""
    return not any(map(str.isalpha, words[at].text)) and bool(amount_at(words, at)[0])


@lru_cache(maxsize=20_000)  # texts repeat their words
def key(text: str) -> str:
    """``text`` as names are compared: ``AB-12`` is ``ab12``; the ``A`` of hall A is no ``a``.

    What stands between digits tells them apart: 10.0.12.7 is no 10.0.1.27.
    """
    if len(text) == 1:
        return text
    plain = text.casefold()
    if text.isalnum():
        return plain
    return _JOINING.sub("", _JOINING_DIGITS.sub(".", plain)) or plain


_ADJECTIVES = ("ish", "ian", "ians", "ican", "ese", "ism", "ist", "ists")
_PLACES = frozenset(("", *"a e y ia en and land ica ism ist ists s".split()))
_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "french:france dutch:netherlands swiss:switzerland greek:greece danish:denmark "
        "norwegian:norway irish:ireland spanish:spain portuguese:portugal english:england "
        "welsh:wales belgian:belgium"
    ).split()
)
_SHORTEST = 3


def is_form_of(one: str, other: str) -> bool:
    """Whether one key is the adjective of the other: ``swedish`` of ``sweden``."""
    if _IRREGULAR.get(one, one) == _IRREGULAR.get(other, other):
        return True
    for adjective, name in ((one, other), (other, one)):
        for ending in _ADJECTIVES:
            root = adjective.removesuffix(ending)
            if root == adjective or len(root) < _SHORTEST:
                continue
            root = root[:-1] if root[-1] == root[-2] else root  # scottish
            if name.startswith(root) and name[len(root) :] in _PLACES:
                return True
    return False


def pairs_of_capitals(words: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """The keys of two words with capitals in a row."""
    for one, other in pairwise(words):
        if one.text[0].isupper() and other.text[0].isupper():
            yield key(one.text), key(other.text)


def initials(words: Sequence[Token]) -> str:
    """The first letters of the words, in which an abbreviation can be looked up."""
    return "".join(word.low[0] for word in words if not word.is_sign)
