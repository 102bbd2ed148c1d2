"""What an answer's sentence says otherwise than the passage's sentence that is nearest to it."""

from collections.abc import Sequence

from domain.questions import Difference
from domain.support.binding import is_of_another
from domain.support.names import Name
from domain.support.naming import names_differ, unsaid
from domain.support.negation import is_turned
from domain.support.quote import Quote
from domain.support.reckoned import follows
from domain.support.roles import are_turned, is_another, is_done_by_another
from domain.support.statement import Statement
from domain.support.value import Value

ENOUGH = 0.5
"""The share of a sentence's content words that its passage must have."""

NEAR = 0.2
"""The share below which a sentence is about something else; two of its words are enough above."""

_CERTAIN = 2
"""A number and so many numbers and names in all that agree say enough without a word, and more
names than that alone."""


_WITHOUT_UNIT = frozenset(("clock", "weekday", "times", "ordinal", "date", "months"))
"""What a number without a unit can be, as a year or an hour."""

_OF_ONE_UNIT = frozenset(("duration", "length", "mass", "volume", "percent", "pressure", "area"))
"""What a number without a unit is not, unless its sentence or its column has one."""


def differences(claim: Statement, quote: Quote) -> set[Difference]:
    """In what ``claim`` differs from ``quote``; empty if the quote supports it."""
    found = set[Difference]()
    if _numbers_differ(claim, quote):
        found.add(Difference.NUMBER)
    if names_differ(claim, quote):
        found.add(Difference.NAME)
    if not _shares_enough(claim, quote):
        found.add(Difference.WORDS)
    if any(is_of_another(claim, one) for one in quote.sentences):
        found.add(Difference.WORDS)
    if is_done_by_another(claim, quote.sentences) or any(
        are_turned(claim, one) or is_another(claim, one) for one in quote.sentences
    ):
        found.add(Difference.NAME)
    if is_turned(claim, quote.sentences) or all(
        _obligations_differ(claim, one) for one in quote.sentences
    ):
        found.add(Difference.NEGATION)
    return found


def _shares_enough(claim: Statement, quote: Quote) -> bool:
    """Whether the quote has enough of the claim's words; a single one of several is not."""
    wanted, shared = len(claim.stems), len(claim.stems & quote.stems)
    numbers, named = _same_numbers(claim, quote), _same_names(claim, quote)
    if (numbers and numbers + named >= _CERTAIN) or named > _CERTAIN:
        return True
    if quote.is_continued:
        return bool(numbers or named) or 0 < ENOUGH * wanted <= shared
    if numbers or named:
        return shared > 0 or not wanted
    return shared >= max(NEAR * wanted, min(wanted, 2))


def _same_numbers(claim: Statement, quote: Quote) -> int:
    """How many numbers of the claim are in the quote."""
    told = [value for value in claim.values if not value.loose or "ordinal" in value.kinds]
    return sum(any(value.equals(its) for its in quote.values) for value in told)


def _same_names(claim: Statement, quote: Quote) -> int:
    return sum(
        any(one.names_it(name) and (name.sure or _is_sure(one, name)) for one in quote.sentences)
        for name in claim.names
    )


def _is_sure(sentence: Statement, name: Name) -> bool:
    return any(its.sure and its.key == name.key for its in sentence.names)


def _numbers_differ(claim: Statement, quote: Quote) -> bool:
    around = [value for one in quote.context for value in one.values]
    return (
        any(_differs(value, claim, quote, around) for value in claim.values)
        or any(_are_more(value, claim, quote) for value in claim.values)
        or is_borrowed(claim, quote.sentences)
    )


def _are_more(value: Value, claim: Statement, quote: Quote) -> bool:
    """Whether the claim says ``one key``, and no other number, where the quote has ``two keys``."""
    is_alone = value.loose and not value.measures and all(its.loose for its in claim.values)
    key = _counted(value, claim) if is_alone else ""
    return bool(key) and any(
        key == _counted(its, sentence) and not (its.loose or its.measures)
        for sentence in quote.sentences
        for its in sentence.values
    )


def _counted(value: Value, sentence: Statement) -> str:
    """The word behind a number."""
    return "".join(sentence.stem_at[value.at + 1 : value.at + 2])


def _differs(value: Value, claim: Statement, quote: Quote, around: Sequence[Value]) -> bool:
    equal = [its for its in quote.values if value.equals(its)]
    equal += [its for its in around if value.equals(its) and (its.measures or not value.measures)]
    if equal:
        if not value.measures or any(its.measures for its in equal):
            return False
        units = quote.units.union(*(one.units for one in (*quote.sentences, *quote.context)))
        told = {kind for its in quote.values for kind in its.kinds}
        is_bare = bool(units) or bool(value.kinds & _OF_ONE_UNIT)
        return is_bare and not value.kinds & (units | told | _WITHOUT_UNIT)
    if value.loose and not any(value.scales & its.scales and its.measures for its in quote.values):
        return False
    return not follows(value, claim, quote)


def is_borrowed(claim: Statement, sentences: Sequence[Statement]) -> bool:
    """Whether a number or name is from one sentence, and what it is said of from the other one.

    Then the other sentence has one of its own, which the claim does not repeat.
    """
    return len(sentences) > 1 and any(
        _borrows(claim, one, other) for one, other in (sentences, sentences[::-1])
    )


def _borrows(claim: Statement, one: Statement, other: Statement) -> bool:
    adds = bool((claim.stems & other.stems) - one.stems)
    names = [name for name in claim.names if one.names_it(name) and not other.names_it(name)]
    named = any(other.names_it(name) and not one.names_it(name) for name in claim.names)
    if not (adds or named):
        return False
    if names and unsaid(claim, [other]):
        return True
    untold = [
        its
        for its in other.values
        if not its.loose and not any(its.equals(said) for said in claim.values)
    ]
    return bool(untold) and any(
        _may_be_the_same(value, its)
        for value in claim.values
        if not value.loose and any(value.equals(its) for its in one.values)
        for its in untold
    )


def _may_be_the_same(value: Value, other: Value) -> bool:
    """Whether two numbers could measure the same thing."""
    return bool(value.kinds & other.kinds) or not value.measures or not other.measures


def _obligations_differ(claim: Statement, sentence: Statement) -> bool:
    """Whether one says must and the other may; with a not, both forbid."""
    said = {claim.obligation, sentence.obligation}
    return said == {"must", "may"} and not any(
        clause.negations for one in (claim, sentence) for clause in one.clauses
    )
