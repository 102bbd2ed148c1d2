"""Decides whether corrections of one answer say the same, and which one most people gave.

Words are not enough for that: "may" and "may not", "2 years" and "10 years" share nearly all of
them. Where it is not certain that two say the same, they count as different: then each waits for
somebody who says the same as it does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.content_words import content_words
from domain.corrected import says
from domain.function_words import STOPWORDS
from domain.languages import function_words_of, language
from domain.support.polarity import negations
from domain.support.tokens import tokens
from domain.words import folded, words, words_and_signs
from training.same.base_forms import foreign_base_form
from training.selection.negating import LIMITING, NEGATING

_MOST = 16
"""How many different wordings of one answer's corrections are compared with each other."""

_SHARED = 0.5
"""Two texts of which the shorter shares fewer of its words with the other do not say the same."""

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NO_AND_NOT = re.compile(r"\A\s*+no\s*+[,.;:–—-]\s*+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A correction's text, who wrote it, and when, as a number that grows with time."""

    text: str
    by: str
    at: float


def groups(said: Sequence[Said], question: str) -> list[list[Said]]:
    """The corrections that say the same, those of most people first, then the latest.

    Within a group they are in order of time.
    """
    same: dict[tuple[str, ...], list[Said]] = {}
    for one in sorted(said, key=lambda one: (one.at, one.by)):
        same.setdefault(_words(one.text), []).append(one)
    worded = sorted(same.values(), key=_weight, reverse=True)
    found: list[list[Said]] = []
    for some in worded[:_MOST]:
        group = next(
            (one for one in found if same_opinion(one[0].text, some[0].text, question)), None
        )
        if group is None:
            found.append(list(some))
        else:
            group += some
    ordered = [sorted(group, key=lambda one: (one.at, one.by)) for group in found]
    return sorted(ordered, key=_weight, reverse=True) + worded[_MOST:]


def same_opinion(one: str, other: str, question: str) -> bool:
    """Whether two answers to a question say the same: each of them says what the other does.

    Negation, numbers, units and names are compared strictly, and of other languages than English
    also all words.
    """
    if _words(one) == _words(other):
        return True
    mine, its = _numbers(one), _numbers(other)
    if mine and its and mine != its:
        return False
    spoken = language(f"{question}\n{one}\n{other}")
    if spoken not in ("", "English") or _has_letters_beyond_ascii(one + other):
        return _same_words(one, other, spoken)
    if _denials(one) % 2 != _denials(other) % 2 or _limits(one) != _limits(other):
        return False
    ours, theirs = content_words(one), content_words(other)
    if len(ours & theirs) < _SHARED * min(len(ours), len(theirs)):
        return False
    return says(one, other, question) and says(other, one, question)


def _weight(group: Sequence[Said]) -> tuple[int, float]:
    return len({one.by for one in group}), max(one.at for one in group)


def _words(text: str) -> tuple[str, ...]:
    plain = _THOUSANDS.sub("", text)
    return tuple(word.casefold() for word in words_and_signs(plain))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in _words(text) if any(map(str.isdigit, word)))


def _limits(text: str) -> frozenset[str]:
    return LIMITING.intersection(_words(text))


def _denials(text: str) -> int:
    """How often a text denies; "not later than" counts here, since "later than" is another.

    The No in front of a sentence with a not says the same once more.
    """
    plain = text.replace("’", "'").casefold()
    rest = _NO_AND_NOT.sub("", plain, count=1) if _NO_AND_NOT.match(plain) else plain
    return _plain_denials(rest) or _plain_denials(plain)


def _plain_denials(plain: str) -> int:
    simple = sum(word in NEGATING for word in words(plain)) + plain.count("n't")
    return simple or len(negations(tokens(plain)))


def _has_letters_beyond_ascii(text: str) -> bool:
    return any(letter.isalpha() and not letter.isascii() for letter in text)


def _same_words(one: str, other: str, spoken: str) -> bool:
    """Whether two texts differ only in order, endings and function words that deny nothing.

    What else a word of such a language does to a sentence is not known.
    """
    its = (function_words_of(spoken) | STOPWORDS) - NEGATING

    def said(text: str) -> frozenset[str]:
        found = (folded(word) for word in _words(text) if word not in its)
        return frozenset(foreign_base_form(word, spoken) for word in found)

    return said(one) == said(other) != frozenset()
