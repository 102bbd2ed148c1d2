"""Whether a sentence says a number or a name of something else than the claim does.

"Trains go by Railpool and flights by Skydesk" has both names, and says of flights only one.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from domain.support.names import Name
from domain.support.naming import unsaid_names
from domain.support.polarity import Clause
from domain.support.statement import Statement
from domain.support.value import Value

_AND = frozenset(("and", "und", "et", "y"))


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
        same = [its for its in strict if its.scales & value.scales or its.equals(value)]
        if not value.loose and unsaid and _is_swapped(claim, sentence, value, same, unsaid):
            return True
    named = [name for name in sentence.names if name.sure]
    others = [name for name in unsaid_names(claim, sentence) if name.sure]
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
    about = _about(claim, item)
    return all(
        any(_tells_more(other, one, about, items) for other in others if other.about != one.about)
        for one in ours
    )


def _about(claim: Statement, item: Value | Name) -> frozenset[Hashable]:
    """What the claim says ``item`` of: all of it but the clauses that have another one instead."""
    about = set[Hashable]()
    for clause in claim.clauses:
        names = [one for one in claim.names if clause.start <= one.at < clause.end]
        values = [one for one in claim.values if clause.start <= one.at < clause.end]
        others: list[Value | Name] = [*names, *values]
        is_own = clause.start <= item.at < clause.end
        if not is_own and any(_is_alike(item, one) for one in others):
            continue
        about |= claim.stems_of(clause) | _besides(item, names)
        about |= {each for one in values if one is not item for each in one.raw or one.measures}
    own = {item.key} if isinstance(item, Name) else set()
    return frozenset(about - own)


def _besides(item: Value | Name, names: Sequence[Name]) -> set[Hashable]:
    """The names that are neither the item nor part of it, as the first name of a last name."""
    return {
        one.key
        for one in names
        if one is not item and not (isinstance(item, Name) and abs(one.at - item.at) == 1)
    }


def _is_alike(item: Value | Name, other: Value | Name) -> bool:
    if isinstance(item, Value):
        return isinstance(other, Value) and not other.loose and bool(item.scales & other.scales)
    return isinstance(other, Name) and other.sure


def _tells_more(
    other: _Item, one: _Item, about: frozenset[Hashable], items: Sequence[_Item]
) -> bool:
    others_own = (other.about - one.about) & about
    is_alone = not one.about and items.index(other) < items.index(one)  # "…, never on Fridays"
    if not others_own or is_alone:
        return False
    return not (one.about - other.about) & about or items.index(other) > items.index(one)


def _items(sentence: Statement, alike: Sequence[Value | Name]) -> list[_Item]:
    """The items in order, each with the words and the other names of its clause."""
    found = []
    for start, end in _spans(sentence):
        names = [one for one in sentence.names if start <= one.at < end]
        values = [one for one in sentence.values if start <= one.at < end]
        stems = frozenset(sentence.stem_at[start:end]) - {""}
        for item in alike:
            if start <= item.at < end:
                about = set[Hashable](stems) | _besides(item, names)
                about |= {
                    each for one in values if one is not item for each in one.raw or one.measures
                }
                found.append(_Item(item, frozenset(about)))
    return found


def _spans(sentence: Statement) -> list[tuple[int, int]]:
    """The clauses; one behind an "and" without a word of its own goes on with the one before."""
    spans: list[tuple[int, int]] = []
    counts = Counter(each for each in sentence.stem_at if each)
    for clause in sentence.clauses:
        own = sentence.stem_at[clause.start : clause.end]
        goes_on = sentence.words[clause.start].low in _AND and all(
            counts[each] > 1 for each in own if each
        )
        named = any(clause.start <= name.at < clause.end for name in sentence.names)
        names = {name.at for name in sentence.names}
        at_words = {at for at in range(clause.start, clause.end) if not sentence.words[at].is_sign}
        begins = sentence.words[clause.start].low
        is_apposed = bool(at_words) and at_words <= names  # "the head of Quality, Dana Whitlock"
        if spans and (
            begins == "(" or (is_apposed and sentence.words[clause.start - 1].low != ")")
        ):
            spans[-1] = spans[-1][0], clause.end
            continue
        if (
            spans
            and goes_on
            and any(own)
            and not named
            and not _compete(sentence, spans[-1], clause)
        ):
            spans[-1] = spans[-1][0], clause.end
        else:
            spans.append((clause.start, clause.end))
    return spans


def _compete(sentence: Statement, span: tuple[int, int], clause: Clause) -> bool:
    """Whether both have a number of the same dimension."""
    kinds = [
        frozenset[str]().union(*(its.kinds for its in sentence.values if start <= its.at < end))
        for start, end in (span, (clause.start, clause.end))
    ]
    return not kinds[0].isdisjoint(kinds[1])


def _equal(one: Value | Name, other: Value | Name) -> bool:
    if isinstance(one, Value):
        return isinstance(other, Value) and one.equals(other)
    return isinstance(other, Name) and one.key == other.key
