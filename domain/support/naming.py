"""The names that a claim and the sentences of a passage do not have in common."""

from collections.abc import Iterator, Sequence

from domain.support.names import Name
from domain.support.quote import Quote
from domain.support.statement import Statement


def names_differ(claim: Statement, quote: Quote) -> bool:
    missing = [
        name for name in claim.names if not any(one.names_it(name) for one in quote.sentences)
    ]
    if missing and quote.named:
        missing = _not_of_full_names(claim, missing, quote)
    if not missing:
        return False
    others = unsaid(claim, quote.sentences)
    for name in missing:
        is_around = name.key in quote.keys or any(one.names_it(name) for one in quote.context)
        if name.sure and (others or not is_around):
            return True
        if not name.sure and any(other.sure for other in others):
            return True
    return False


def _not_of_full_names(claim: Statement, missing: Sequence[Name], quote: Quote) -> list[Name]:
    """Those that are not the rest of a name that stands alone here, and in full elsewhere."""
    lacked = {name.at for name in missing}
    alone = frozenset(key for one in quote.sentences for key in _names_alone(one))
    beside = {name.at: name.key for name in claim.names if name.at not in lacked}
    return [
        name
        for name in missing
        if not (
            ((before := beside.get(name.at - 1)) in alone and (before, name.key) in quote.named)
            or ((behind := beside.get(name.at + 1)) in alone and (name.key, behind) in quote.named)
        )
    ]


def _names_alone(sentence: Statement) -> Iterator[str]:
    """The names that stand beside no other word with a capital."""
    for name in sentence.names:
        around = (
            *sentence.words[max(0, name.at - 1) : name.at],
            *sentence.words[name.at + 1 :][:1],
        )
        if not any(word.text[0].isupper() for word in around):
            yield name.key


def unsaid(claim: Statement, sentences: Sequence[Statement]) -> list[Name]:
    """The names in the sentences that the claim does not have, not even a part of them."""
    return [name for one in sentences for name in unsaid_names(claim, one)]


def unsaid_names(claim: Statement, sentence: Statement) -> list[Name]:
    """The names of the sentence that the claim does not have.

    A name beside one that it has is part of that one, unless the claim has another there.
    """
    said = {name.at for name in sentence.names if claim.names_it(name)}
    unsaid = [name for name in sentence.names if name.at not in said]
    if unsaid and not _is_renamed(claim, sentence):
        for names in (unsaid, unsaid[::-1]):
            for name in names:
                if not said.isdisjoint((name.at - 1, name.at + 1)):
                    said.add(name.at)
    return [name for name in unsaid if name.at not in said]


def _is_renamed(claim: Statement, sentence: Statement) -> bool:
    """Whether a name of the claim that the sentence lacks stands beside one that it has."""
    missing = {name.at for name in claim.names if not sentence.names_it(name)}
    return any(
        not missing.isdisjoint((name.at - 1, name.at + 1))
        for name in claim.names
        if name.at not in missing
    )
