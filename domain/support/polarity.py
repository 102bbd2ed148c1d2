"""What turns a sentence into its opposite: not, never, forbidden, closed, without, only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.support.bounds import denied_limits, limiting
from domain.support.function_words import VERBS
from domain.support.nots import is_in_the, is_not
from domain.support.tokens import Token
from domain.support.vocabulary import NEGATED, is_attribute

_NEUTRAL = tuple(
    tuple(phrase.split())
    for phrase in (
        "not only|not just|not merely|whether or not|or not|not forget|not hesitate|not fail to|"
        "nothing but|no show|no shows|no matter|no difference|nothing extra|no extra|not matter|"
        "without paying extra|without extra|why not|not least|no doubt|no problem|"
        "paid or unpaid|unpaid or paid|with or without|free of charge|free of cost|"
        "nicht nur|nicht zuletzt|pas seulement|no solo|no sólo|no solamente|non solo|não só|"
        "não apenas|niet alleen|inte bara|ikke kun|ikke bare|nie tylko|не только|не тільки|"
        "tidak hanya|không chỉ"
    ).split("|")
)
_NEUTRAL_STARTS = frozenset(phrase[0] for phrase in _NEUTRAL)
_NEGATIVE = frozenset(
    "optional optionally voluntary "
    "not no never none nobody nothing nowhere neither nor without hardly forbidden forbid "
    "forbids prohibited prohibit prohibits banned ban bans disallowed barred "
    "excepted avoid avoids avoided refrain refrains exclude excluded excludes excluding omit omits "
    "omitted "
    "skipped exempt exempted waive waived waives lack lacks lacking prevent prevents "
    "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne verboten "
    "untersagt "
    "pas jamais aucun aucune rien guère sans interdit interdite interdits interdites "
    "nunca ningún ninguno ninguna nadie jamás tampoco sin prohibido prohibida prohibidos "
    "prohibidas imposible ni".split()
)
_ONE_PERSON = frozenset("une la chaque toute cette".split())
_WITH_NE = frozenset("plus personne nul nulle".split())
_REPEATING = frozenset(
    "jamais aucun aucune rien guère ni plus personne nul nulle nunca ningún ninguno ninguna nadie "
    "nada jamás tampoco nessun nessuno nessuna niente nulla mai né nenhum nenhuma ninguém "
    "nem".split()
)
"""Words that say the same not again behind another one: ``no hay ninguno``, ``sans aucun``."""

_BACK_TO_NOT = 6
_BACK_TO_NE = 4
_NEGATIVE_PAIRS = frozenset(
    tuple(pair.split("-"))
    for pair in (
        "rather-than instead-of stay-out stay-away stay-off keep-out keep-away keep-off keep-clear "
        "stay-clear kept-out keeps-out stays-out ruled-out fail-to fails-to failed-to failing-to "
        "leaves-out off-limits kept-off kept-away kept-clear keeps-off keeps-away steer-clear "
        "steers-clear steered-clear opt-out opts-out opted-out opting-out leave-alone leaves-alone "
        "stays-away stays-off free-of"
    ).split()
)
_STOPPING = frozenset("stop stops stopped cease ceases ceased".split())
_PAIR_STARTS = frozenset(first for first, _ in _NEGATIVE_PAIRS) | _STOPPING | {"non"}
_INSTEAD = frozenset((("rather", "than"), ("instead", "of")))
_PARTICIPLES = ("é", "ée", "és", "ées", "is", "us")
_EXCEPTING = frozenset("unless except ausser außer sauf excepto salvo".split())
_UNTIL = frozenset("until till bis".split())
_PARTING = frozenset(
    "and but while whereas although though because since if when so und aber während weil wenn "
    "obwohl mais tandis si pero mientras".split()
)
_PARTING_SIGNS = frozenset(",;|()–—")
_PARTING_EACH = _PARTING | _PARTING_SIGNS
_MUST = frozenset(
    "must required mandatory obligatory compulsory muss müssen doit doivent debe deben".split()
)
_MAY = frozenset("may can could optional optionally kann können darf dürfen peut puede".split())
_BETWEEN = frozenset("should shall need needs have has recommended".split())
_AND = frozenset("and und et y".split())
_SUBJECT = 4
"""How many words a subject of several things has at most, before the "and" and behind it."""

_MOST = 20
"""No sentence of people has more clauses; hostile ones would take long."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence, with how many words negate it.

    ``excepts`` is the position of an "except" in it, or -1.
    """

    start: int
    end: int
    negations: int
    excepts: int


def clauses(words: Sequence[Token]) -> list[Clause]:
    """The clauses of a sentence, in order; they cover all of its tokens."""
    ends = list[int]()
    for at in range(1, len(words)):
        if _parts(words, at) and not _is_list(words, ends[-1] if ends else 0, at):
            ends.append(at)
    ends = ends[:_MOST]
    negated = set(negations(words))
    return [
        Clause(
            start,
            end,
            sum(at in negated for at in range(start, end)),
            _excepting(words, start, end, any(start <= at < end for at in negated)),
        )
        for start, end in zip([0, *ends], [*ends, len(words)], strict=True)
    ]


def _parts(words: Sequence[Token], at: int) -> bool:
    """Whether a clause begins at ``at``."""
    signs = _PARTING_SIGNS if words[at].is_sign else _PARTING
    low = words[at].low
    return low in signs or (low in _PAIR_STARTS and _is_instead(words, at))


def _is_list(words: Sequence[Token], start: int, at: int) -> bool:
    """Whether "and" joins two subjects of one verb: ``Drops and water damage are not covered``."""
    if words[at].low not in _AND or at - start > _SUBJECT:
        return False
    before = {word.low for word in words[start:at]}
    behind = [word.low for word in words[at + 1 : at + 1 + _SUBJECT]]
    verb = next((n for n, low in enumerate(behind) if low in VERBS), 0)
    has_sign = any(word.is_sign for word in words[start + 1 : at])
    return bool(verb) and before.isdisjoint(VERBS) and not has_sign


def _is_instead(words: Sequence[Token], at: int) -> bool:
    """Whether what follows is what is not so: ``rather than by mail``."""
    return at + 1 < len(words) and (words[at].low, words[at + 1].low) in _INSTEAD


def _excepting(words: Sequence[Token], start: int, end: int, negated: bool) -> int:
    """Where an exception begins: "unless", or "until" behind "not"; -1 if there is none."""
    for at in range(start, end):
        if words[at].low in _EXCEPTING or (negated and words[at].low in _UNTIL):
            return at
    return -1


def negations(words: Sequence[Token]) -> list[int]:
    """The positions of the words that negate."""
    lows = [word.low for word in words]
    every = frozenset(lows)
    found = list[int]()
    at = 0
    limits = {no for no, _ in denied_limits(lows)}
    # "No." and "No, …" answer the question; the sentence behind says what is so.
    if lows[:1] in (["no"], ["nein"], ["non"]) and (len(lows) == 1 or words[1].is_sign):
        at = 1
    while at < len(lows):
        if at in limits:
            at += 1
            continue
        if skipped := limiting(lows, at) or _neutral(lows, at) or _is_number_sign(lows, at):
            at += skipped
            continue
        if lows[at] == "nor" and "neither" in lows[:at]:
            at += 1  # it is one not with the "neither" before it
            continue
        if (
            lows[at] in _NEGATIVE
            or (lows[at] in NEGATED and not is_attribute(lows, at))
            or (lows[at] in _PAIR_STARTS and _is_pair(lows, at))
            or (lows[at] in _WITH_NE and _has_ne(lows, at))
            or is_not(words[at], every)
        ) and not (_is_repeated(lows, found, at) or is_in_the(lows[at], every)):
            found.append(at)
        at += 1
    return found


def _is_repeated(lows: Sequence[str], found: Sequence[int], at: int) -> bool:
    """Whether the not before says the same."""
    if lows[at] not in _REPEATING or not found or at - found[-1] > _BACK_TO_NOT:
        return False
    return _PARTING_EACH.isdisjoint(lows[found[-1] + 1 : at])


def _has_ne(lows: Sequence[str], at: int) -> bool:
    """Whether ``plus`` is ``no longer``, as in ``n'est plus``, and ``personne`` nobody."""
    before = lows[max(0, at - _BACK_TO_NE) : at]
    if lows[at] != "plus" and lows[at + 1 : at + 2] == ["ne"]:
        return _ONE_PERSON.isdisjoint(before[-1:])
    return "ne" in before and _NEGATIVE.isdisjoint(before) and lows[at + 1 : at + 2] != ["que"]


def _is_pair(lows: Sequence[str], at: int) -> bool:
    """Whether two words negate: ``fails to``, ``non-members``, ``non payé``; not ``non-profit``.

    ``non-refundable`` does behind its noun.
    """
    behind = "".join(lows[at + 1 : at + 2])
    if lows[at] in _STOPPING:
        return behind.endswith("ing") and behind != "working"
    if lows[at] == "non":
        is_able = behind.endswith(("able", "ible")) and not is_attribute(lows, at + 1)
        return is_able or behind.endswith((*_PARTICIPLES, "s"))
    return (lows[at], behind) in _NEGATIVE_PAIRS


def _is_number_sign(lows: Sequence[str], at: int) -> int:
    """1 for the ``no`` of ``Inventory no.: 77120``."""
    behind = [low for low in lows[at + 1 : at + 3] if low != ":"]
    return int(at > 0 and lows[at] == "no" and ":" in lows[at + 1 : at + 2] and bool(behind))


def _neutral(lows: Sequence[str], at: int) -> int:
    if lows[at] not in _NEUTRAL_STARTS:
        return 0
    for phrase in _NEUTRAL:
        if tuple(lows[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def obligation(words: Sequence[Token]) -> str:
    """``must``, ``may``, or nothing where the sentence says neither, both, or something between."""
    lows = {word.low for word in words if word.text != "May"}
    must, may = bool(lows & _MUST), bool(lows & _MAY)
    # "Must not exceed 5" and "can be 5 at most" are the same.
    if any(one.low in _MUST and next_.low == "not" for one, next_ in pairwise(words)):
        return ""
    if must == may or lows & _BETWEEN:
        return ""
    return "must" if must else "may"
