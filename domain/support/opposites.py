"""Words and limits that are opposites: open and closed, more than and less than."""

from collections.abc import Sequence

from domain.support.values import Value

_PAIRS = (
    "more:less more:fewer most:least increase:decrease increases:decreases raise:lower "
    "inside:outside indoors:outdoors left:right top:bottom upper:lower front:rear front:back "
    "morning:evening morning:afternoon first:last hot:cold warm:cold high:low higher:lower "
    "longer:shorter earlier:later before:after above:below internal:external buy:sell push:pull "
    "within:outside clockwise:anticlockwise clockwise:counterclockwise horizontal:vertical "
    "upstairs:downstairs north:south east:west positive:negative even:odd wet:dry full:empty "
    "on:off start:stop enable:disable enabled:disabled lock:unlock "
    "input:output import:export upload:download sender:recipient "
    "male:female adult:child adults:children input:output oiled:dry"
)


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _PAIRS.split():
        one, other = pair.split(":")
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


_OPPOSITES = _opposites()
# The first four can change places with the clauses; beside a number the others are its bound.
_TELLING = frozenset(_OPPOSITES) - frozenset(
    "before after first last more less fewer most least longer shorter earlier later above below "
    "higher lower".split()
)


def flips(
    ours: frozenset[str],
    theirs: frozenset[str],
    our_values: Sequence[Value],
    their_values: Sequence[Value],
) -> int:
    """How many words and limits of ours are the opposite of theirs."""
    words = sum(
        not (_OPPOSITES[word] & ours) and word not in theirs and bool(_OPPOSITES[word] & theirs)
        for word in ours & _TELLING
    )
    limits = sum(
        any(value.equals(its) and value.bound * its.bound < 0 for its in their_values)
        for value in our_values
        if value.bound and not value.loose
    )
    return words + limits
