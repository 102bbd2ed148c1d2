"""Which clauses of two texts say the same, so that a negation counts only where it stands."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise

from domain.support.function_words import VERBS
from domain.support.parts import Part, words_of

_PRONOUNS = frozenset("it they them this these he she there".split())
_BINDING = {word: word for word in "so but while because unless if although".split()}
_BINDING |= {"when": "if", "whereas": "while", "though": "although", "since": "because"}
_FEW = 2
_ALIKE = 0.25
"""The share of a clause's content words that another one must have to say the same."""


def groups(ours: Sequence[Part], theirs: Sequence[Part]) -> list[tuple[list[Part], list[Part]]]:
    """The clauses that say the same, as groups of ours and theirs."""
    group_of = list(range(len(ours) + len(theirs)))

    def join(one: int, other: int) -> None:
        old, new = group_of[one], group_of[other]
        group_of[:] = [new if group == old else group for group in group_of]

    for n, part in enumerate(ours):
        at = _nearest(part, theirs, ours, always=len(ours) == 1)
        if at is not None:
            join(n, len(ours) + at)
    for n, at in _continued(ours, theirs, group_of):
        join(n, len(ours) + at)
    for n in range(1, len(ours)):  # a part of a list, as in "wear and tear"
        if group_of[n] == n and group_of[n - 1] != n - 1:
            join(n, n - 1)
        elif group_of[n - 1] == n - 1 and group_of[n] != n:
            join(n - 1, n)
    for n, part in enumerate(theirs):
        at = _nearest(part, ours, theirs, always=False)
        if at is not None and not _is_most_of(part, ours[at]):
            continue
        if at is not None:
            join(len(ours) + n, at)
    found: dict[int, tuple[list[Part], list[Part]]] = {}
    for n, group in enumerate(group_of):
        mine, its = found.setdefault(group, ([], []))
        if n < len(ours):
            mine.append(ours[n])
        else:
            its.append(theirs[n - len(ours)])
    return [(mine, its) for mine, its in found.values() if mine and its]


def _continued(
    ours: Sequence[Part], theirs: Sequence[Part], group_of: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Clauses without a common word that go on alike: ``so it is billed``, ``so it is charged``."""
    mine = [n for n, part in enumerate(ours) if part.about]
    its = [n for n, part in enumerate(theirs) if part.about]
    for before, n in pairwise(mine):
        for said, at in pairwise(its):
            if (
                group_of[n] == n
                and group_of[len(ours) + at] == len(ours) + at
                and group_of[before] == group_of[len(ours) + said]
                and _opens(ours[n]) == _opens(theirs[at]) != ""
            ):
                yield n, at


def _opens(part: Part) -> str:
    """The word that binds a clause to the one before, if it says how."""
    first = words_of([part])[0]
    return _BINDING.get(first, "")


def _is_most_of(part: Part, other: Part) -> bool:
    """Whether ``other`` says most of ``part``; half is enough where an ``it`` stands for more."""
    shared = 2 * len(part.own & other.about)
    words = words_of([part])
    is_added = shared == len(part.own) <= _FEW and part.clause.start and VERBS.isdisjoint(words)
    return shared > len(part.own) or bool(is_added) or not _PRONOUNS.isdisjoint(words)


def _nearest(
    part: Part, others: Sequence[Part], beside: Sequence[Part], *, always: bool
) -> int | None:
    """The position of the clause that has most of the words; of equal ones, one negated alike.

    Before that counts who has words that no clause ``beside`` has.
    """
    best, like = None, (0, 0, 0, False, False)
    rest = frozenset[Hashable]().union(*(one.about for one in beside if one is not part))
    stems = part.said.stem_at[part.clause.start : part.clause.end]
    subject = next((each for each in stems if each), "")
    has_words = any(part.about & other.about for other in others)
    for n, other in enumerate(others):
        # A clause such as "never daily" has nothing but its number.
        shared = len(part.about & other.about if has_words else part.numbers & other.numbers)
        alike = (part.clause.negations - other.clause.negations) % 2 == 0
        numbers = len(part.numbers & other.numbers)
        own = len(part.about & other.about - rest)
        likeness = shared, numbers, own, subject in other.about, alike
        if shared and likeness > like:
            best, like = n, likeness
    return best if always or like[0] >= _ALIKE * max(len(part.about or part.numbers), 1) else None
