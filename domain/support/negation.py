"""Tells whether a sentence says the opposite of a passage: one of them negates what the other says.

Clauses are compared with those that are most like them, so that a negation counts only where it
stands. Clauses that are told as one, or as several, are compared together.
"""

from collections.abc import Hashable, Sequence
from itertools import pairwise

from domain.support.alignment import groups
from domain.support.function_words import VERBS
from domain.support.only import follows
from domain.support.opposites import (
    CLOSED,
    costs,
    denials,
    flips,
    opens,
    refused,
    reversals,
    tells_of_the_rest,
)
from domain.support.parts import Part, about, parts, sentences_of, values_of, words_of
from domain.support.statement import Statement

_BEGINNING = frozenset((",", ";", "(", "–", "—", "and", "but", "und", "aber", "et", "y"))
_CONTRASTING = [["not"], ["rather"], ["instead"], ["nicht"]]
_OTHERWISE = frozenset(("otherwise", "else", "sonst", "andernfalls", "sinon"))
_ONLY = frozenset(("only", "solely", "exclusively", "nur", "seulement", "solo"))
_NOT_ONLY = frozenset(("not", word) for word in (*_ONLY, "just", "merely"))
_EXCEPT = frozenset("except ausser außer sauf excepto salvo".split())
_IF = frozenset(("if", "unless", "wenn", "falls", "si"))
_CONDITIONS = frozenset("even without unless only regardless whether if".split())
_FEW = 2
_SHARED = 1 / 3
"""Of the words of one side the other one must have more than this, so that a not counts."""


def is_turned(claim: Statement, sentences: Sequence[Statement]) -> bool:
    """Whether a part of the claim negates what the sentences say, or the other way round."""
    ours, theirs = parts([claim]), parts(sentences)
    if _contradicts(ours, theirs) or _contradicts(theirs, ours):
        return True
    if _tells_excepted(ours, theirs) or _tells_excepted(theirs, ours):
        return True
    return any(_are_of_one(mine, its) and _differ(mine, its) for mine, its in groups(ours, theirs))


def _are_of_one(ours: Sequence[Part], theirs: Sequence[Part]) -> bool:
    """Whether they share so much that a not of one of them is about the other one too."""
    mine, its = (
        frozenset[Hashable]().union(*(one.about for one in some)) for some in (ours, theirs)
    )
    fewer = min(len(mine), len(its))
    return not fewer or len(mine & its) > _SHARED * fewer


def _tells_excepted(some: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether some say of the library what others say of ``all rooms except the library``."""
    for n, part in enumerate(others):
        at = part.clause.excepts
        if at < 0 or part.said.words[at].low not in _EXCEPT:
            continue
        excepted = about(part.said, at + 1, _end_of_exception(part))
        beside = [part, *others[n + 1 : n + 2], *others[max(0, n - 1) : n]]
        rest = next((one for one in beside if one.about - excepted), None)
        if excepted and rest and any(_tells(each, rest, excepted) for each in some):
            return True
    return False


def _end_of_exception(part: Part) -> int:
    """Where the verb behind an exception stands, or else the end of its clause."""
    clause = part.clause
    behind = range(clause.excepts, clause.end)
    return next((at for at in behind if part.said.words[at].low in VERBS), clause.end)


def _tells(part: Part, rest: Part, excepted: frozenset[Hashable]) -> bool:
    """Whether a part says of what is excepted what ``rest`` says of all others."""
    return (
        excepted <= part.about
        and not (rest.about - excepted).isdisjoint(part.about)
        and part.clause.excepts < 0
        and _ONLY.isdisjoint(words_of([part]))
        and (part.clause.negations - rest.clause.negations) % 2 == 0
    )


def _contradicts(some: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether some say ", not in the cellar" of what the others say without a not."""
    if any(each.clause.negations and not _is_contrast(each) for each in others):
        return False
    return any(
        bool(found := [each for each in others if part.about <= each.about])
        and not any(each.clause.negations or each.clause.excepts >= 0 for each in found)
        for part in some
        if part.about and part.clause.negations and _is_contrast(part)
    )


def _is_contrast(part: Part) -> bool:
    """Whether a clause only says what is not so: ``not by mail``, ``rather than by mail``."""
    first = [word for word in words_of([part])[:3] if word not in _BEGINNING]
    return part.clause.start > 0 and len(part.about) <= _FEW and first[:1] in _CONTRASTING


def _differ(ours: Sequence[Part], theirs: Sequence[Part]) -> bool:
    """Whether one of them has a not more; what tells the exception of the other has its own."""
    mine, its = _without_exception(ours, theirs), _without_exception(theirs, ours)
    mine_said, its_said = words_of(ours), words_of(theirs)
    if not mine or not its:
        return _excepts_only(ours, its_said, negated=False) or _excepts_only(
            theirs, mine_said, negated=False
        )
    negations = _negations(_without_conceded(_without_following(mine, theirs), its_said))
    negations += _negations(_without_conceded(_without_following(its, ours), mine_said))
    numbers = [] if tells_of_the_rest(sentences_of(theirs)) else values_of(theirs)
    turns = flips(mine_said, its_said, values_of(ours), numbers)
    refusals = refused(mine_said) - _refused_in(theirs), refused(its_said) - _refused_in(ours)
    is_open = opens(mine_said) or opens(its_said) or negations % 2
    turns += sum(is_open or kind != CLOSED for kinds in refusals for kind in kinds)
    turns += _excepts_with(ours, its_said) or _excepts_with(theirs, mine_said)
    turns += _excepts_only(ours, its_said, negated=True) or _excepts_only(
        theirs, mine_said, negated=True
    )
    turns += _is_not_only(mine_said, its_said) or _is_not_only(its_said, mine_said)
    turns += costs(mine_said, its_said)
    turns += denials(mine_said, its_said) + reversals(mine_said, its_said, sentences_of(theirs))
    turns += _is_otherwise(ours, theirs) or _is_otherwise(theirs, ours)
    return (negations + turns) % 2 == 1


def _is_otherwise(some: Sequence[Part], others: Sequence[Part]) -> bool:
    """Whether some say ``if not`` where the others begin a clause with ``otherwise``."""
    first = {
        word
        for said in {id(part.said): part.said for part in others}.values()
        for clause in said.clauses
        for word in [word.low for word in said.words[clause.start : clause.end]][:2]
    }
    return not _OTHERWISE.isdisjoint(first) and any(
        not _IF.isdisjoint(words_of([part])) for part in some
    )


def _without_following(some: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """Those of some without a not that follows from an ``only`` of the others."""
    return [
        part
        for part in some
        if not part.clause.negations or _is_conceded(part) or not follows(part, others)
    ]


def _without_conceded(some: Sequence[Part], others: Sequence[str]) -> list[Part]:
    """Those of some without ``even if you are not on call``, if others have no condition."""
    if not _CONDITIONS.isdisjoint(others):
        return list(some)
    return [part for part in some if not _is_conceded(part)] or list(some)


def _is_conceded(part: Part) -> bool:
    start = part.clause.start
    return "even" in (word.low for word in part.said.words[max(0, start - 1) : start + 1])


def _negations(parts: Sequence[Part]) -> int:
    """How often the parts as one are negated: each part can say the same not again."""
    if not parts:
        return 0
    every = [part.clause.negations for part in parts]
    return 1 if all(n % 2 for n in every) else sum(every)


def _excepts_with(some: Sequence[Part], others: Sequence[str]) -> bool:
    """Whether some say ``unless`` where the others say ``without``, which counts as a not."""
    return "without" in others and any(
        part.clause.excepts >= 0 and part.said.words[part.clause.excepts].low == "unless"
        for part in some
    )


def _is_not_only(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether some say ``not only`` where the others say ``only``."""
    pairs = set(pairwise(some))
    return (
        not _ONLY.isdisjoint(others)
        and not pairs.isdisjoint(_NOT_ONLY)
        and set(pairwise(others)).isdisjoint(_NOT_ONLY)
    )


def _excepts_only(some: Sequence[Part], others: Sequence[str], *, negated: bool) -> bool:
    """Whether some say ``everywhere except in X`` where the others say ``only in X``.

    ``negated``: whether they say ``nowhere except in X``, which is the same.
    """
    return (
        not _ONLY.isdisjoint(others)
        and any(part.clause.excepts >= 0 for part in some)
        and _negations(some) % 2 == negated
    )


def _without_exception(some: Sequence[Part], others: Sequence[Part]) -> list[Part]:
    """Those of some that do not tell what the others except: "daily except on Sundays"."""
    if any(part.clause.excepts >= 0 for part in some):
        return list(some)
    excepted, told = frozenset[Hashable](), frozenset[Hashable]()
    for part in others:
        at = part.clause.excepts
        if at >= 0:
            excepted |= about(part.said, at, part.clause.end)
            told |= about(part.said, part.clause.start, at)
    return [
        part
        for part in some
        if part.about.isdisjoint(excepted) or len(part.about & excepted) < len(part.about & told)
    ]


def _refused_in(parts: Sequence[Part]) -> frozenset[int]:
    """What is refused in the whole sentences."""
    return refused(low for part in parts for low in part.said.lows)
