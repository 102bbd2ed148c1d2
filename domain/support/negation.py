"""Tells whether a sentence says the opposite of a passage: one of them negates what the other says.

Clauses are compared with those that are most like them, so that a negation counts only where it
stands. Clauses that are told as one, or as several, are compared together.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from domain.support.opposites import flips
from domain.support.polarity import Clause
from domain.support.statement import Statement
from domain.support.values import Value
from domain.support.vocabulary import stem

_PRONOUNS = frozenset("it they them this these he she there".split())
_ALIKE = 0.5
"""The share of a clause's content words that another one must have to say the same."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause of ``said``, with its content words, numbers and names."""

    said: Statement
    clause: Clause
    about: frozenset[Hashable]
    numbers: frozenset[Hashable]


def is_turned(claim: Statement, sentences: Sequence[Statement]) -> bool:
    """Whether a part of the claim negates what the sentences say, or the other way round."""
    ours, theirs = _parts([claim]), _parts(sentences)
    return any(_differ(mine, its) for mine, its in _groups(ours, theirs))


def _parts(statements: Sequence[Statement]) -> list[_Part]:
    return [
        _Part(one, each, _about(one, each.start, each.end), _numbers(one, each))
        for one in statements
        for each in one.clauses
    ]


def _about(said: Statement, start: int, end: int) -> frozenset[Hashable]:
    """What the tokens from ``start`` to ``end`` are about."""
    words = frozenset[Hashable](said.stem_at[start:end]) - {""}
    names = {stem(name.key) for name in said.names if name.sure and start <= name.at < end}
    return words | names


def _numbers(said: Statement, clause: Clause) -> frozenset[Hashable]:
    values = [value for value in said.values if clause.start <= value.at < clause.end]
    return frozenset(each for value in values for each in value.measures or value.raw)


def _groups(
    ours: Sequence[_Part], theirs: Sequence[_Part]
) -> list[tuple[list[_Part], list[_Part]]]:
    """The clauses that say the same, as groups of ours and theirs."""
    group_of = list(range(len(ours) + len(theirs)))

    def join(one: int, other: int) -> None:
        old, new = group_of[one], group_of[other]
        group_of[:] = [new if group == old else group for group in group_of]

    for n, part in enumerate(ours):
        at = _nearest(part, theirs, always=len(ours) == 1)
        if at is not None:
            join(n, len(ours) + at)
    for n in range(1, len(ours)):  # a part of a list, as in "wear and tear"
        if group_of[n] == n and group_of[n - 1] != n - 1:
            join(n, n - 1)
        elif group_of[n - 1] == n - 1 and group_of[n] != n:
            join(n - 1, n)
    for n, part in enumerate(theirs):
        at = _nearest(part, ours, always=False)
        if at is not None and not _is_most_of(part, ours[at]):
            continue
        if at is not None:
            join(len(ours) + n, at)
    groups: dict[int, tuple[list[_Part], list[_Part]]] = {}
    for n, group in enumerate(group_of):
        mine, its = groups.setdefault(group, ([], []))
        if n < len(ours):
            mine.append(ours[n])
        else:
            its.append(theirs[n - len(ours)])
    return [(mine, its) for mine, its in groups.values() if mine and its]


def _is_most_of(part: _Part, other: _Part) -> bool:
    """Whether ``other`` says most of ``part``; half is enough where an ``it`` stands for more."""
    if not part.about or 2 * len(part.about & other.about) > len(part.about):
        return True
    return not _lows([part]).isdisjoint(_PRONOUNS)


def _nearest(part: _Part, others: Sequence[_Part], *, always: bool) -> int | None:
    """The position of the clause that has most of the words; of equal ones, one negated alike."""
    best, like = None, (0, 0, False)
    for n, other in enumerate(others):
        # A clause such as "never daily" has nothing but its number.
        shared = len(part.about & other.about if part.about else part.numbers & other.numbers)
        alike = (part.clause.negations - other.clause.negations) % 2 == 0
        numbers = len(part.numbers & other.numbers)
        if shared and (shared, numbers, alike) > like:
            best, like = n, (shared, numbers, alike)
    return best if always or like[0] >= _ALIKE * max(len(part.about or part.numbers), 1) else None


def _differ(ours: Sequence[_Part], theirs: Sequence[_Part]) -> bool:
    """Whether one of them has a not more; what tells the exception of the other has its own."""
    mine, its = _without_exception(ours, theirs), _without_exception(theirs, ours)
    if not mine or not its:
        return False
    negations = sum(part.clause.negations for part in (*mine, *its))
    turns = flips(_lows(ours), _lows(theirs), _values(ours), _values(theirs))
    return (negations + turns) % 2 == 1


def _without_exception(some: Sequence[_Part], others: Sequence[_Part]) -> list[_Part]:
    """Those of some that do not tell what the others except: "daily except on Sundays"."""
    if any(part.clause.excepts >= 0 for part in some):
        return list(some)
    excepted, told = frozenset[Hashable](), frozenset[Hashable]()
    for part in others:
        at = part.clause.excepts
        if at >= 0:
            excepted |= _about(part.said, at, part.clause.end)
            told |= _about(part.said, part.clause.start, at)
    return [
        part
        for part in some
        if part.about.isdisjoint(excepted) or len(part.about & excepted) < len(part.about & told)
    ]


def _lows(parts: Sequence[_Part]) -> frozenset[str]:
    return frozenset(
        word.low for part in parts for word in part.said.words[part.clause.start : part.clause.end]
    )


def _values(parts: Sequence[_Part]) -> list[Value]:
    return [
        value
        for part in parts
        for value in part.said.values
        if part.clause.start <= value.at < part.clause.end
    ]
