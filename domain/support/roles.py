"""Whether a claim says of one party what a sentence says of another: who does it, and to whom.

The parties are people and bodies by their role, such as the tenant and the landlord, and names.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from domain.support.parties import AUDIENCE, PARTIES, SPOKEN_OF
from domain.support.statement import Statement

_BE = frozenset("is are was were be been being get gets got have has".split())
_RECEIVING = frozenset("get gets receive receives received obtain obtains".split())
_COMING = frozenset("come comes came".split()) | _RECEIVING
_DUTIES = frozenset("job duty task responsibility business obligation".split())
_BEFORE = frozenset(
    "the a an your our their its his her my every each any both all this that and or but if when "
    "once after before while whereas because until unless since so then also , ;".split()
)
_PARTING = frozenset("if when once after before until unless since because that which who".split())
_AND = frozenset(("and", "but", "or", ","))
_ANY = frozenset(
    "responsible local other current new former own competent relevant respective same direct "
    "individual single specific particular regular usual named second first third old whole".split()
)
_MOST = 20


@dataclass(frozen=True, slots=True)
class _Party:
    """A party, with its first and last token."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Deed:
    """A part of a sentence: who does something, and the other words of it."""

    doer: str
    about: frozenset[str]


def are_turned(claim: Statement, sentence: Statement) -> bool:
    """Whether the claim says that A does to B what the sentence says that B does to A."""
    ours, theirs = _pairs(claim), _pairs(sentence)
    return any(
        mine[:2] == its[1::-1] and mine[2] & its[2] for mine in ours for its in theirs
    ) and not any(mine[:2] == its[:2] for mine in ours for its in theirs)


def _pairs(said: Statement) -> list[tuple[str, str, frozenset[str]]]:
    """Who does something, to whom, and the other words of the part."""
    found = []
    for start, end in _spans(said):
        parties = _parties(said, start, end)
        stems = frozenset(said.stem_at[start:end]) - {"", *(one.key for one in parties)}
        for one, other in pairwise(parties):
            if one.key != other.key and other.start - one.end > 1:
                is_backwards = _is_agent(said, other, start, end)
                pair = (other.key, one.key) if is_backwards else (one.key, other.key)
                found.append((*pair, stems))
    return found


def is_another(claim: Statement, sentence: Statement) -> bool:
    """Whether the claim has the shift manager where the sentence has the site manager."""
    ours, theirs = _kinds(claim), _kinds(sentence)
    return any(
        mine and its and mine.isdisjoint(sentence.stems) and its.isdisjoint(claim.stems)
        for head, mine in ours.items()
        for its in (theirs.get(head),)
    )


def _kinds(said: Statement) -> dict[str, frozenset[str]]:
    """The nouns that stand before each party, which tell of what kind it is."""
    found: dict[str, frozenset[str]] = {}
    for at in range(1, len(said.words)):
        is_party = said.words[at].low.removesuffix("s") in PARTIES
        kind = said.stem_at[at - 1] if is_party else ""
        if kind and said.words[at - 1].low not in _ANY:
            head = said.stem_at[at]
            found[head] = found.get(head, frozenset()) | {kind}
        elif is_party:
            found.setdefault(said.stem_at[at], frozenset())
    return found


def is_unknown(claim: Statement, known: AbstractSet[str]) -> bool:
    """Whether the claim has a party of which the passages and the question say nothing."""
    return any(
        word.low.removesuffix("s") in PARTIES
        and stem not in known
        and stem not in AUDIENCE
        and word.low.removesuffix("s") not in SPOKEN_OF
        for word, stem in zip(claim.words, claim.stem_at, strict=True)
        if stem
    )


def is_done_by_another(claim: Statement, sentences: Iterable[Statement]) -> bool:
    """Whether the claim says of one party what the sentences say of another one."""
    ours = [deed for deed in _deeds(claim) if deed.doer]
    if not ours:
        return False
    said = list(sentences)
    theirs = [deed for one in said for deed in _deeds(one)]
    named = {name.key for one in said for name in one.names if name.sure}
    counts = Counter(each for deed in theirs for each in deed.about)
    doers = {deed.doer for deed in theirs}
    told = {party.key for party in _parties(claim, 0, len(claim.words))}
    for mine in ours:
        own = {each for each in mine.about if counts[each] == 1}
        best = max(theirs, key=lambda its: len(own & its.about))
        if best.doer in ("", mine.doer) or not own & best.about or mine.doer in named:
            continue
        if any(own & its.about for its in theirs if its.doer == mine.doer):
            continue
        if best.doer not in told or mine.doer in doers:
            return True
    return False


def _deeds(said: Statement) -> list[_Deed]:
    spans = _spans(said)
    found: list[_Deed] = []
    for start, end in spans:
        doer = _doer(said, start, end)
        about = frozenset(said.stem_at[start:end]) - {"", doer}
        if found and doer == "" and not found[-1].about:  # "The buyer, however, may return it"
            doer = found.pop().doer
        elif found and doer == "" and said.words[start].low in _AND:
            doer = "" if _parties(said, start, end) else found[-1].doer
        found.append(_Deed(doer, about))
    return found


def _spans(said: Statement) -> list[tuple[int, int]]:
    """The clauses, also parted at ``after`` and the like."""
    starts = {clause.start for clause in said.clauses}
    starts |= {at for at, word in enumerate(said.words) if word.low in _PARTING}
    ends = [*sorted(starts)[1 : _MOST + 1], len(said.words)]
    return list(zip(sorted(starts), ends, strict=False))


def _doer(said: Statement, start: int, end: int) -> str:
    """The party that a clause begins with and that does something, or whose duty it is."""
    parties = _parties(said, start, end)
    for party in parties:
        duty = {word.low for word in said.words[party.end + 1 : party.end + 3]}
        if not duty.isdisjoint(_DUTIES) or _is_agent(said, party, start, end):
            return party.key
    if not parties or parties[0].key in AUDIENCE or not said.stem_at[parties[0].start]:
        return ""
    before = [at for at in range(start, parties[0].start) if said.words[at].low not in _BEFORE]
    if before and before != [parties[0].start - 1]:  # "the production manager"
        return ""
    behind = [word.low for word in said.words[parties[0].end + 1 : min(end, parties[0].end + 5)]]
    is_done_to = any(
        low in _BE and after.endswith(("ed", "en", "id", "nt", "ld"))
        for low, after in pairwise(behind)
    )
    return "" if is_done_to or not _RECEIVING.isdisjoint(behind) else parties[0].key


def _is_agent(said: Statement, party: _Party, start: int, end: int) -> bool:
    """Whether something is done ``by`` a party, or comes ``from`` it."""
    at = party.start - 1
    while at >= start and said.words[at].low in _BEFORE and not said.words[at].is_sign:
        at -= 1
    before = said.words[at].low if at >= start else ""
    if before == "from":
        return any(word.low in _COMING for word in said.words[start:end])
    return before == "by"


def _parties(said: Statement, start: int, end: int) -> list[_Party]:
    """The parties from ``start`` to ``end``, in order; names in a row are one."""
    names = {name.at: name.key for name in said.names if name.sure}
    found: list[_Party] = []
    for at in range(start, end):
        if at in names and found and found[-1].end == at - 1 and at - 1 in names:
            found[-1] = _Party(names[at], found[-1].start, at)
        elif at in names or said.words[at].low.removesuffix("s") in PARTIES:
            found.append(_Party(names.get(at) or said.stem_at[at], at, at))
    return found[:_MOST]
