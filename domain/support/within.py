"""Whether one passage has all that a claim says, although no sentence of it is known to say it."""

from collections.abc import Sequence

from domain.support.sources import Source
from domain.support.statement import Statement

_WORDS = 0.6
"""The share of the claim's words that the passage must have."""


def is_within(claim: Statement, sources: Sequence[Source]) -> bool:
    """Whether a passage has each number and name of ``claim``, and most of its words.

    ``sources`` are the sentences of the passages. A claim that puts several of them together in
    other words is like that, and it is more often right than wrong. A claim that is only a number
    or a name must stand word for word in a sentence.
    """
    passages = {id(source.passage): source.passage for source in sources}
    return any(
        _has_all(claim, [source for source in sources if source.passage is passage])
        for passage in passages.values()
    )


def _has_all(claim: Statement, sources: Sequence[Source]) -> bool:
    stems = frozenset[str]().union(*(source.stems_below for source in sources))
    if not claim.stems:
        return any(_stands_in(claim, source.said) for source in sources)
    if len(claim.stems & stems) < _WORDS * len(claim.stems):
        return False
    said = [statement for source in sources for statement in (source.said, *source.head)]
    return all(
        any(value.equals(its) for one in said for its in one.values)
        for value in claim.values
        if not value.loose
    ) and all(any(one.names_it(name) for one in said) for name in claim.names if name.sure)


def _stands_in(claim: Statement, said: Statement) -> bool:
    wanted = " ".join(token.low for token in claim.words)
    return bool(wanted) and f" {wanted} " in f" {' '.join(token.low for token in said.words)} "
