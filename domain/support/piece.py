"""Whether an answer of a few words is a piece of a sentence, which says it as the question asks."""

from collections.abc import Sequence

from domain.support.function_words import VERBS
from domain.support.polarity import negations
from domain.support.sources import Source
from domain.support.statement import Statement
from domain.support.vocabulary import stem

LONGEST = 10
"""How many words such an answer has at most."""

_WITHOUT_MEANING = frozenset(
    "a an the is are was were be been do does did can could may might must will would have has had "
    "in on at to of for from by with and or it they i you we he she".split()
)
_NEAR = 3
"""How far behind a negation stands what it negates: ``could not really hear``."""


def is_told(claim: Statement, source: Source, asked: Statement) -> bool:
    """Whether ``claim``, without a verb, is in a sentence whose nots are about another thing.

    From ``those from Larne could not hear``, ``Larne`` answers where they are from, and not what
    they could hear. A question with a not of its own asks what the sentence denies.
    """
    words = _words(claim)
    is_piece = 0 < len(words) <= LONGEST and VERBS.isdisjoint(words)
    if not is_piece or negations(claim.words) or not _holds(_words(source.said), words):
        return False
    nots, asked_nots = negations(source.said.words), negations(asked.words)
    if asked_nots and len(nots) % 2 == len(asked_nots) % 2:
        return True
    return not _denies_asked(source.said, asked, words)


def _denies_asked(said: Statement, asked: Statement, words: Sequence[str]) -> bool:
    """Whether a not of the sentence is about what was asked, or about the answer's own words."""
    about = asked.stems | {stem(word) for word in words}
    lows = (asked.lows - _WITHOUT_MEANING) | set(words)
    return any(
        not about.isdisjoint(said.stem_at[at : at + 1 + _NEAR])
        or not lows.isdisjoint(word.low for word in said.words[at : at + 1 + _NEAR])
        for at in negations(said.words)
    )


def _words(said: Statement) -> list[str]:
    return [word.low for word in said.words if not word.is_sign]


def _holds(whole: Sequence[str], piece: Sequence[str]) -> bool:
    """Whether the words of ``piece`` stand in ``whole``, one after the other."""
    size = len(piece)
    return any(
        whole[at : at + size] == piece
        for at, word in enumerate(whole[: len(whole) - size + 1])
        if word == piece[0]
    )
