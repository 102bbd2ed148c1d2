"""Whether a not of a sentence is about something else than what a claim says.

``Vouchers are never turned into cash; they are valid for three years`` denies nothing of how long
they are valid, and ``a bike that nobody has fetched`` nothing of bikes.
"""

from collections.abc import Iterator

from domain.support.function_words import VERBS
from domain.support.polarity import Clause, negations
from domain.support.sources import Source
from domain.support.statement import Statement, statement

_RELATIVE = frozenset("that who which whose whom where if when once whenever".split())
_REASONS = frozenset(("because", "since", "as", ":", "denn", "weil", "car", "porque"))
_REACH = 3
"""How far before a not the word may stand that makes its clause tell only of which things."""


def without_not_of_others(claim: Statement, source: Source) -> Statement | None:
    """The sentence without the parts that deny something else; None if there are none.

    A part that denies something, of which the claim has no word but the subject, goes. So does the
    not of a part that only tells of which things or when, if the claim has nothing of it.
    """
    said = source.said
    if any(one.negations for one in claim.clauses):
        return None
    kept = (
        _without_others(claim, said)
        or _without_narrowing(claim, said)
        or _with_its_reason(claim, said)
    )
    if not kept:
        return None
    return statement([said.words[at] for at in kept], source.shown.common, source.shown.proper)


def _without_others(claim: Statement, said: Statement) -> list[int]:
    """The words without the parts that deny what the claim does not speak of."""
    denied = [one for one in said.clauses if one.negations and one.excepts < 0]
    told = [one for one in said.clauses if one not in denied]
    is_of_others = all(_is_of_others(claim, said, one, told) for one in denied)
    if not denied or not is_of_others or not _say_more(claim, said, told):
        return []
    return [*_subject(said, told), *(at for one in told for at in range(one.start, one.end))]


def _without_narrowing(claim: Statement, said: Statement) -> list[int]:
    """The words without the nots that only tell of which things or when."""
    narrowing = list(_narrowing(said))
    if not narrowing or len(narrowing) < len(negations(said.words)):
        return []
    if any(_denied_at(said, at) & claim.stems for at in narrowing):
        return []
    return [at for at in range(len(said.words)) if at not in narrowing]


def _with_its_reason(claim: Statement, said: Statement) -> list[int]:
    """The words without the nots of a ban, of which the claim only tells the reason.

    From ``Never use vinegar: it damages the seals`` follows ``Vinegar damages the seals``.
    """
    nots = negations(said.words)
    begins = next((at for at in range(1, len(said.words)) if _is_reason(said, at)), 0)
    if not begins or not nots or max(nots) > begins or claim.obligation == "may":
        return []
    before = frozenset(said.stem_at[:begins])
    if not claim.stems & frozenset(said.stem_at[begins:]) - before - {""}:
        return []
    return [at for at in range(len(said.words)) if at not in nots]


def _is_reason(said: Statement, at: int) -> bool:
    low = said.words[at].low
    if low == "since" and any(value.at == at + 1 for value in said.values):
        return False  # "since June"
    return low in _REASONS and (low != "as" or said.words[at - 1].is_sign)


def _say_more(claim: Statement, said: Statement, told: list[Clause]) -> bool:
    """Whether the claim has a word or a number of some parts beyond the subject of the first."""
    verb = _verb(said)
    ends = [(max(one.start, verb), one.end) for one in told if one.end > verb]
    stems = frozenset(each for start, end in ends for each in said.stem_at[start:end])
    subject = frozenset(said.stem_at[:verb])
    values = [its for its in said.values if any(start <= its.at < end for start, end in ends)]
    return bool(claim.stems & stems - subject - {""}) or any(
        value.equals(its) for its in values for value in claim.values
    )


def _is_of_others(claim: Statement, said: Statement, denied: Clause, told: list[Clause]) -> bool:
    """Whether the claim has nothing that only the denied part says, and all of it the others."""
    beside = frozenset[str]().union(*(said.stems_of(one) for one in told))
    subject = frozenset(said.stem_at[at] for at in range(_verb(said)))
    own = said.stems_of(denied) - beside - subject
    start = max(denied.start, _verb(said))
    values = [value for value in said.values if start <= value.at < denied.end]
    has_values = any(value.equals(its) for value in values for its in claim.values)
    return bool(own) and own.isdisjoint(claim.stems) and not has_values


def _subject(said: Statement, told: list[Clause]) -> range:
    """What the sentence begins with, up to its verb, where the first part goes."""
    return range(0 if told[0].start else _verb(said), _verb(said))


def _verb(said: Statement) -> int:
    """Where the first verb stands that is known for one; 0 if there is none."""
    return next((at for at, word in enumerate(said.words) if word.low in VERBS), 0)


def _narrowing(said: Statement) -> Iterator[int]:
    """The nots in ``that nobody has fetched``, and in ``Without a reading we estimate``."""
    for at in negations(said.words):
        before = [word.low for word in said.words[max(0, at - _REACH) : at]]
        opens = not at or said.words[at - 1].is_sign
        if (opens and said.words[at].low == "without") or not _RELATIVE.isdisjoint(before):
            yield at


def _denied_at(said: Statement, at: int) -> frozenset[str]:
    """The first content word behind a not, which says what is denied."""
    return frozenset(next(([each] for each in said.stem_at[at + 1 :] if each), []))
