"""Whether a sentence says a number or a name of something else than the claim does.

"Trains go by Railpool and flights by Skydesk" has both names, and says of flights only one.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from domain.support.names import Name
from domain.support.statement import Statement
from domain.support.values import Value


@dataclass(frozen=True, slots=True)
class _Item:
    """A number or a name, with what its clause is about."""

    item: Value | Name
    about: frozenset[Hashable]


def is_of_another(claim: Statement, sentence: Statement) -> bool:
    """Whether the claim tells of one thing what the sentence tells of another one."""
    strict = [its for its in sentence.values if not its.loose]
    unsaid = [its for its in strict if not any(its.equals(value) for value in claim.values)]
    for value in claim.values:
        same = [its for its in strict if its.kinds & value.kinds]
        if not value.loose and unsaid and _is_swapped(claim, sentence, value, same, unsaid):
            return True
    said = {name.key for name in claim.names}
    named = [name for name in sentence.names if name.sure]
    others = [name for name in named if name.key not in said]
    return bool(others) and any(
        _is_swapped(claim, sentence, name, named, others) for name in claim.names
    )


def _is_swapped(
    claim: Statement,
    sentence: Statement,
    item: Value | Name,
    alike: Sequence[Value | Name],
    unsaid: Sequence[Value | Name],
) -> bool:
    """Whether another item of the sentence, which the claim lacks, is told of what it is about.

    What stands first is often told of all ("Book trains by R and flights by S"), so the words of a
    later clause tell more than those of the first.
    """
    items = _items(sentence, alike)
    ours = [one for one in items if _equal(item, one.item)]
    others = [one for one in items if one.item in unsaid]
    if not ours or not others:
        return False
    about = frozenset[Hashable](claim.stems)
    about |= {name.key for name in claim.names if name is not item}
    about |= {each for value in claim.values if value is not item for each in value.raw}
    return all(
        any(_tells_more(other, one, about, items) for other in others if other.about != one.about)
        for one in ours
    )


def _tells_more(
    other: _Item, one: _Item, about: frozenset[Hashable], items: Sequence[_Item]
) -> bool:
    others_own = (other.about - one.about) & about
    if not others_own:
        return False
    return not (one.about - other.about) & about or items.index(other) > items.index(one)


def _items(sentence: Statement, alike: Sequence[Value | Name]) -> list[_Item]:
    """The items in order, each with the words and the other names of its clause."""
    found = []
    for clause in sentence.clauses:
        within = [one for one in alike if clause.start <= one.at < clause.end]
        names = {name.key for name in sentence.names if clause.start <= name.at < clause.end}
        own = {one.key for one in within if isinstance(one, Name)}
        numbers = {
            each
            for value in sentence.values
            if clause.start <= value.at < clause.end and value not in within
            for each in value.raw
        }
        about = frozenset[Hashable](sentence.stems_of(clause) | (names - own) | numbers)
        found += [_Item(one, about) for one in within]
    return found


def _equal(one: Value | Name, other: Value | Name) -> bool:
    if isinstance(one, Value):
        return isinstance(other, Value) and one.equals(other)
    return isinstance(other, Name) and one.key == other.key
