"""The clauses of sentences, each with what it is about, as two sentences are compared by them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from domain.support.function_words import VERBS
from domain.support.polarity import Clause
from domain.support.statement import Statement
from domain.support.value import Value
from domain.support.vocabulary import stem

_AND = frozenset("and but or und aber oder".split())
_BEFORE_VERBS = frozenset("no not never longer also then therefore only".split())
_REACH = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A clause of ``said``, with its content words, numbers and names.

    ``own`` are the words without the subject of the clause before.
    """

    said: Statement
    clause: Clause
    about: frozenset[Hashable]
    own: frozenset[Hashable]
    numbers: frozenset[Hashable]


def parts(statements: Sequence[Statement]) -> list[Part]:
    """The clauses of several sentences, in order."""
    return [
        Part(
            one,
            each,
            about(one, each.start, each.end) | _subject_before(one, each),
            about(one, each.start, each.end),
            _numbers(one, each),
        )
        for one in statements
        for each in one.clauses
    ]


def _subject_before(said: Statement, clause: Clause) -> frozenset[Hashable]:
    """The subject that a clause such as ``and must not be opened`` has from the one before.

    The first clause of a sentence that begins with ``it`` has it from the sentence before.
    """
    if not clause.start:
        return said.subject
    words = [word.low for word in said.words[clause.start : clause.end][:_REACH]]
    verb = next((at for at, low in enumerate(words) if at and low in VERBS), 0)
    goes_on = verb and set(words[1:verb]) <= _BEFORE_VERBS
    if not _AND.intersection(words[:1]) or not (goes_on or words[1:2] == ["still"]):
        return frozenset()
    for at in range(clause.start):
        if said.words[at].low in VERBS:
            return about(said, 0, at) | said.subject
    return said.subject


def about(said: Statement, start: int, end: int) -> frozenset[Hashable]:
    """What the tokens from ``start`` to ``end`` are about."""
    words = frozenset[Hashable](said.stem_at[start:end]) - {""}
    names = {stem(name.key) for name in said.names if name.sure and start <= name.at < end}
    return words | names


def _numbers(said: Statement, clause: Clause) -> frozenset[Hashable]:
    values = [value for value in said.values if clause.start <= value.at < clause.end]
    return frozenset(each for value in values for each in value.raw or value.measures)


def words_of(parts: Sequence[Part]) -> list[str]:
    """The words of the clauses."""
    return [
        word.low for part in parts for word in part.said.words[part.clause.start : part.clause.end]
    ]


def values_of(parts: Sequence[Part]) -> list[Value]:
    """The numbers of the clauses."""
    return [
        value
        for part in parts
        for value in part.said.values
        if part.clause.start <= value.at < part.clause.end
    ]


def sentences_of(parts: Sequence[Part]) -> list[str]:
    """The words of the whole sentences."""
    return [
        word.low
        for said in {id(part.said): part.said for part in parts}.values()
        for word in said.words
    ]
