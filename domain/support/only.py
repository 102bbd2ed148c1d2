"""A not that follows from an ``only``: they drink water only, so coffee is not served."""

from collections.abc import Iterator, Sequence
from itertools import islice

from domain.support.parts import Part
from domain.support.statement import Statement

_ONLY = frozenset("only solely exclusively nur seulement solo".split())
_REACH = 3
"""How many content words an ``only`` may be about."""

_MOST = 4
"""No sentence of people has more of them; hostile ones would take long."""


def follows(part: Part, others: Sequence[Part]) -> bool:
    """Whether a part denies of other things what the others' sentences say of one thing only."""
    sentences = {id(one.said): one.said for one in others}.values()
    alone = [each for said in sentences for each in islice(_alone(said), _MOST)]
    return bool(alone) and bool(part.own) and part.own.isdisjoint(frozenset[str]().union(*alone))


def _alone(said: Statement) -> Iterator[frozenset[str]]:
    """The words on both sides of each ``only`` in its clause, some of which it is about.

    One before a number, as in ``only three years later``, excludes nothing.
    """
    numbers = {value.at for value in said.values}
    if any(clause.negations for clause in said.clauses):
        return  # "not the phones, only the laptops"
    for clause in said.clauses:
        for at in range(clause.start, clause.end):
            if said.words[at].low in _ONLY and at + 1 not in numbers:
                yield _near(said, clause.start, at, clause.end)


def _near(said: Statement, start: int, at: int, end: int) -> frozenset[str]:
    before = [each for each in said.stem_at[start:at] if each][-_REACH:]
    behind = [each for each in said.stem_at[at + 1 : end] if each][:_REACH]
    return frozenset((*before, *behind))
