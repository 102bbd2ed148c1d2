"""The places where a sentence of an answer could say two things."""

import re
from collections.abc import Iterator
from itertools import islice

from domain.support.function_words import VERBS
from domain.support.statement import Statement

_JOINT = re.compile(
    r"[;,:] (?:and |but |while |whereas |or |und |aber )?|"
    r" (?:and|but|while|whereas|und|aber) "
)
_SUBJECTS = frozenset(
    "the a an this that these those it they he she we you i everyone nobody each every both all "
    "some any there my your our their his her its der die das ein eine es sie er wir le la les "
    "un une il elle el los las".split()
)
_SENTENCE = 2
"""How many content words and names a half has at least that is a sentence of its own."""

_JOINTS = 8
_LONGEST_JOINED = 600
"""No sentence that a person would read is longer; one is a list, and its halves say no more."""


def halves(text: str) -> Iterator[tuple[str, str, str]]:
    """The two parts of a sentence, around what joins them, where it could say two things."""
    joints = _JOINT.finditer(text) if len(text) <= _LONGEST_JOINED else ()
    for found in islice(joints, _JOINTS):
        first, second = text[: found.start()], text[found.end() :]
        if first.strip() and second.strip():
            yield first, found[0], second


def are_sentences(joint: str, first: Statement, second: Statement) -> bool:
    """Whether both halves say who does what, and not one of them when or where."""
    if joint.strip() == "," or any(
        len(half.stems) + len(half.names) + len(half.values) < _SENTENCE for half in (first, second)
    ):
        return False
    return ";" in joint or second.words[0].low in _SUBJECTS or all(map(_has_verb, (first, second)))


def _has_verb(half: Statement) -> bool:
    return any(word.low in VERBS for word in half.words[1:])


def stands_alone(half: Statement) -> bool:
    """Whether a half of a sentence is more than a number."""
    return bool(half.stems or half.names) or any(one.negations for one in half.clauses)
