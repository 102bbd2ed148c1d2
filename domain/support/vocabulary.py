"""Words that mean the same in an answer and in a passage: endings, synonyms, negated words."""

from collections.abc import Sequence
from functools import lru_cache

from domain.support.function_words import FUNCTION_WORDS
from domain.support.synonyms import SYNONYMS

_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "using:use application:apply applications:apply "
        "used:use paid:pay kept:keep sent:send given:give gave:give bought:buy sold:sell held:hold "
        "told:tell taken:take took:take written:write wrote:write got:get gotten:get "
        "found:find built:build "
        "begun:begin began:begin met:meet ran:run shown:show worn:wear wore:wear thrown:throw "
        "threw:throw frozen:freeze froze:freeze spoken:speak chosen:choose chose:choose left:leave "
        "lost:lose brought:bring caught:catch taught:teach stood:stand understood:understand "
        "driven:drive drove:drive broken:break broke:break stolen:steal known:know knew:know "
        "grown:grow flown:fly drawn:draw drew:draw spent:spend lent:lend meant:mean heard:hear "
        "children:child men:man women:woman people:person mice:mouse feet:foot teeth:tooth "
        "spun:spin swept:sweep eaten:eat ate:eat went:go gone:go came:come became:become "
        "drunk:drink drank:drink forgotten:forget forgot:forget hidden:hide fallen:fall fell:fall "
        "risen:rise rose:rise laid:lay fed:feed led:lead bound:bind dealt:deal felt:feel "
        "slept:sleep dug:dig hung:hang stuck:stick won:win sat:sit fought:fight sought:seek "
        "thought:think said:say seen:see saw:see torn:tear withdrawn:withdraw withdrew:withdraw "
        "ridden:ride swum:swim sung:sing rung:ring shaken:shake beaten:beat bitten:bite "
        "northern:north southern:south eastern:east western:west "
        # what is two words as a verb
        "backup:back backups:back setup:set login:log logout:log checkout:check signup:sign "
        "pickup:pick cleanup:clean startup:start shutdown:shut handover:hand rollout:roll"
    ).split()
)
_ENDINGS = {
    **dict.fromkeys(("ies", "ied"), "y"),
    **dict.fromkeys(
        "ations ation ators ator ating ates ated ate ements ement ments ment ances ance ences ence "
        "ings ing ages age ions ion als al ed es ly en s e".split(),
        "",
    ),
}
_ENDINGS |= {"ension": "end", "ansion": "and", "ission": "it", "cision": "cid", "vision": "vid"}
_ENDINGS |= {"usion": "ud", "ersion": "ert", "uction": "uc"}
_PARTICIPLE = 7
_KEPT = ("geneh", "gesta", "gewäh", "gebüh")
_SHORTEST = 3
_LETTERS = 6
"""How many letters of a word count, behind which only an ending can follow."""

_NEGATED = {
    prefix + base: base
    for prefix, bases in {
        "un": "paid available able authorized authorised locked known limited necessary safe used "
        "usual signed opened damaged finished connected approved attended supervised secured "
        "registered trained marked labelled sealed protected",
        "in": "compatible complete correct valid active accurate eligible effective sufficient "
        "visible secure",
        "im": "possible",
        "ir": "regular responsible",
        "il": "legal",
        "dis": "allowed connected approved agree agrees",
        "non": "refundable compliant smoking",
    }.items()
    for base in bases.split()
}
_BEING = frozenset(
    "is are was were be been being isn't remain remains remained stay stays stayed left leave "
    "become becomes kept keep not so".split()
)
_REVERSED = ("under", "uni", "unload", "unlock", "unpack", "unplug", "unfold", "unscrew", "uncover")
"""Words with ``un`` that do not negate a state."""


NEGATED = frozenset(_NEGATED)
"""Words that negate another one: ``invalid``. Their stem is that of the other one."""


def denied(lows: Sequence[str], at: int) -> str:
    """The word that the one at ``at`` denies of a noun; empty if it negates a clause, or none."""
    word = lows[at]
    if word in _NEGATED:
        return _NEGATED[word] if is_attribute(lows, at) else ""
    return without_un(word)


def without_un(word: str) -> str:
    """The word that ``word`` may negate: ``announced`` for ``unannounced``; empty if none."""
    is_state = word[:2] == "un" and word.endswith(("ed", "able")) and len(word) > len("unpaid")
    is_negated = is_state and word not in NEGATED and not word.startswith(_REVERSED)
    return word[2:] if is_negated else ""


def is_attribute(lows: Sequence[str], at: int) -> bool:
    """Whether the word at ``at`` stands before its noun, and so says nothing of the clause."""
    behind = lows[at + 1] if at + 1 < len(lows) else ""
    before = lows[at - 1] if at else ""
    return behind.isalpha() and behind not in FUNCTION_WORDS and before not in _BEING


def _strip(word: str) -> str:
    """``word`` without its ending: ``deliveries``, ``delivery`` and ``delivered`` are the same."""
    if word[:2] == "ge" and word[-1:] == "t" and len(word) >= _PARTICIPLE and word[:5] not in _KEPT:
        word = word[2:-1]  # the German participle: gegrillt
    if word.endswith(("eux", "oux", "eaux")):
        word = word[:-1]  # the French plural
    for length in range(min(6, len(word) - _SHORTEST), 0, -1):
        ending = word[-length:]
        if ending in _ENDINGS:
            word = word[:-length] + _ENDINGS[ending]
            break
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word.replace("y", "i")[:_LETTERS]


def _groups() -> dict[str, str]:
    groups: dict[str, str] = {}
    for line in SYNONYMS.splitlines():
        first, *others = [_strip(_IRREGULAR.get(word, word)) for word in line.split()]
        stands = groups.get(first, first)
        for other in (first, *others):
            groups.setdefault(other, stands)
    return groups


_GROUPS = _groups()


@lru_cache(maxsize=20_000)  # texts repeat their words
def stem(word: str) -> str:
    """What words of one meaning share; ``word`` is in lower case."""
    word = _NEGATED.get(word) or without_un(word) or word
    plain = _strip(_IRREGULAR.get(word, word))
    return _GROUPS.get(plain, plain)


def regular(word: str) -> str:
    """The base of an irregular form, as ``buy`` of ``bought``; other words stay as they are."""
    return _IRREGULAR.get(word, word)


def is_known(word: str) -> bool:
    """Whether ``word`` is an ordinary word of these lists, and so no name."""
    return word in FUNCTION_WORDS or _strip(_IRREGULAR.get(word, word)) in _GROUPS
