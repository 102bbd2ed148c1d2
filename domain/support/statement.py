"""A sentence taken apart: what is compared between an answer and a passage."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from domain.support.function_words import FUNCTION_WORDS, VERBS
from domain.support.names import Name, initials, is_form_of, key, names
from domain.support.polarity import Clause, clauses, obligation
from domain.support.tokens import Token
from domain.support.units import NUMBERS, SCALES, UNITS
from domain.support.value import Value
from domain.support.values import bare_units, values
from domain.support.vocabulary import stem

_MOST = 60
"""How many numbers, and how many names, of one sentence are compared."""

LIGHT = frozenset(map(stem, ("get", "new")))
"""Words that are so often in a sentence that they do not tell what it is about."""

_SUBORDINATE = frozenset(("once", "after", "before"))
_MEASURING = frozenset((*UNITS, *NUMBERS, *SCALES)) - {"yard"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence. ``stems`` are its content words, without numbers and names that are sure.

    ``subject`` are the words that its ``it`` stands for.
    """

    words: tuple[Token, ...]
    values: tuple[Value, ...]
    names: tuple[Name, ...]
    clauses: tuple[Clause, ...]
    stems: frozenset[str]
    keys: frozenset[str]
    lows: frozenset[str]
    units: frozenset[str]
    obligation: str
    stem_at: tuple[str, ...] = field(repr=False)
    initials: str = field(repr=False)
    subject: frozenset[str] = frozenset()

    def stems_of(self, clause: Clause) -> frozenset[str]:
        """The content words of one of its clauses."""
        return frozenset(self.stem_at[clause.start : clause.end]) - {""}

    def names_it(self, name: Name) -> bool:
        """Whether ``name`` is in this sentence, also as an abbreviation of some words."""
        if name.key in self.keys or stem(name.key) in self.stems:
            return True
        if name.text.isupper() and len(name.text) > 1 and name.key in self.initials:
            return True
        return any(is_form_of(name.key, its.key) for its in self.names)


def statement(
    words: Sequence[Token],
    common: frozenset[str] = frozenset(),
    proper: frozenset[str] = frozenset(),
) -> Statement:
    """A sentence taken apart; ``common`` are no names although they may have capitals.

    ``proper`` are names also where a sentence begins.
    """
    found = values(words)[:_MOST]
    numbered = frozenset(value.at for value in found)
    named = names(words, common, numbered, proper)[:_MOST]
    taken = {name.at for name in named if name.sure}
    stems = tuple(
        "" if at in taken or at in numbered or not is_content(word) else stem(word.low)
        for at, word in enumerate(words)
    )
    return Statement(
        words=tuple(words),
        values=tuple(found),
        names=tuple(named),
        clauses=tuple(clauses(words)),
        stems=frozenset(stems) - {""},
        keys=keys(words),
        lows=frozenset(word.low for word in words),
        units=bare_units(words),
        obligation=obligation(words),
        stem_at=stems,
        initials=initials(words),
    )


def is_content(word: Token) -> bool:
    """Whether a word says what a sentence is about; numbers are compared for themselves."""
    return not word.is_sign and is_content_word(word.low)


@lru_cache(maxsize=20_000)  # texts repeat their words
def is_content_word(low: str) -> bool:
    """The same of a word in lower case."""
    return (
        low not in FUNCTION_WORDS
        and not low.lstrip("-$€£¥")[:1].isdigit()
        and any(sign.isalnum() for sign in low)
        and low not in _MEASURING
    )


def subject_stems(said: Statement) -> frozenset[str]:
    """The content words up to the first verb that is known for one; none if there is no verb.

    What begins with ``once the leader has signed`` has its subject elsewhere.
    """
    if said.words and said.words[0].low in _SUBORDINATE:
        return frozenset()
    verb = next((at for at, word in enumerate(said.words) if word.low in VERBS), 0)
    return frozenset(said.stem_at[:verb]) - {""}


def content_stems(words: Sequence[Token]) -> frozenset[str]:
    """The content words of a sentence, with its names; to find a sentence, that is enough."""
    return frozenset(stem(word.low) for word in words if is_content(word))


def keys(words: Sequence[Token]) -> frozenset[str]:
    """The words as names are compared."""
    return frozenset(key(word.text) for word in words if not word.is_sign)
