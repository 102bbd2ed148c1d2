"""The base form of a word, which the forms and synonyms of one meaning share.

`domain.support.vocabulary` cuts words to six letters, since there a wrong match is found by other
means; here ``internal`` and ``international`` are different questions. So only endings are cut.
"""

import re
from functools import lru_cache

from domain.support.synonyms import SYNONYMS
from domain.support.vocabulary import regular

_SHORTEST = 3
_VOWELS = frozenset("aeiouy")
_KEPT = frozenset(
    "news gas bus lens series species basis analysis always during evening morning ceiling string "
    "spring thing king ring wing bed red shed feed seed speed need breed bread hundred embed "
    "apartment department equipment document element moment statement instrument environment "
    "government basement compartment segment cement comment garment medicament station nation "
    "ration location vacation relation occupation foundation population education".split()
)
_NOUNS = dict(
    pair.split(":")
    for pair in (
        "registration:register cancellation:cancel reservation:reserve renewal:renew "
        "approval:approve removal:remove arrival:arrive disposal:dispose proposal:propose "
        "refusal:refuse referral:refer withdrawal:withdraw rental:rent expiry:expire "
        "expiration:expire explanation:explain declaration:declare complaint:complain "
        "delivery:deliver entry:enter analysis:analyse permission:permit admission:admit "
        "submission:submit transmission:transmit omission:omit extension:extend "
        "suspension:suspend decision:decide division:divide provision:provide "
        "subscription:subscribe description:describe reception:receive loss:lose "
        "choice:choose sale:sell storage:store usage:use closure:close failure:fail "
        "procedure:procedure signature:sign departure:departure inspection:inspect "
        "inquiry:enquire enquiry:enquire advice:advise advise:advise response:respond "
        "repayment:repay discovery:discover recovery:recover due:deadline vaccination:vaccinate "
        "notification:notify verification:verify certification:certify "
        "identification:identify classification:classify qualification:qualify"
    ).split()
)
_DOUBLED = re.compile(r"([bdgkmnprt])\1\Z")

# Words that stand in a group of synonyms for comparing answers, and ask for something else.
_APART = frozenset(
    "optional voluntary free gratis complimentary kostenlos gratuit gratuito priced rate exclude "
    "omit skip depart departure surgery shop extension ring reach lead superior lower cut drop "
    "fall raise present pass switch run shift cap ceiling record paper bin waste rubbish trash "
    "garbage lease hire recruit employ employer employed part component leave end conclude over "
    "stay test trial exam account page cover insured partner claim file class hand lift flat "
    "mobile".split()
)


@lru_cache(maxsize=20_000)  # questions repeat their words
def base_form(word: str) -> str:
    """What the forms of an English word, and its synonyms, share; ``word`` is in lower case."""
    plain = _plain(word)
    return plain if word in _APART else _groups().get(plain, plain)


@lru_cache(maxsize=20_000)
def foreign_base_form(word: str, language: str) -> str:
    """What the forms of a word in another language mostly share."""
    if language in _INFLECTED:
        return word[: max(4, len(word) - 2)]
    for ending in _ENDINGS.get(language, ("s",)):
        if word.endswith(ending) and len(word) - len(ending) > _SHORTEST:
            return word[: -len(ending)]
    return word


_INFLECTED = frozenset("Polish Czech Finnish Turkish Cyrillic Greek".split())
_ENDINGS = {
    "German": ("ern", "en", "er", "em", "es", "e", "n", "s", "t"),
    "Dutch": ("en", "e", "s", "t"),
    "Swedish": ("arna", "erna", "ar", "er", "or", "en", "et", "a", "n", "t"),
    "Danish": ("erne", "er", "en", "et", "e", "r", "n", "t"),
    "French": ("ées", "és", "ée", "es", "er", "ez", "s", "x", "é", "e"),
    "Spanish": ("aciones", "ación", "es", "as", "os", "ar", "a", "o", "e", "s"),
    "Italian": ("are", "ere", "ire", "i", "e", "a", "o"),
    "Portuguese": ("ções", "ção", "es", "as", "os", "ar", "a", "o", "e", "s"),
}


def _plain(word: str) -> str:
    """``word`` without its ending; ``regular`` forms of verbs are known."""
    if not word.isascii() or not word.isalpha() or len(word) <= _SHORTEST or word in _KEPT:
        return _NOUNS.get(word, word)
    single = _singular(word)
    if (known := _NOUNS.get(single)) is not None:
        single = known
    elif (irregular := regular(single)) != single:
        single = irregular
    else:
        single = _root(single)
    return single.removesuffix("e").replace("our", "or") if len(single) > _SHORTEST else single


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if is_plural else word


def _root(word: str) -> str:
    """A verb or a noun of one without its ending: ``booked``, ``booking``; ``payment``."""
    if word in _KEPT:
        return word
    if word.endswith("ied"):
        return word[:-3] + "y"
    for ending in ("ation", "ment", "ance", "ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= _SHORTEST and not _VOWELS.isdisjoint(root):
            return _DOUBLED.sub(r"\1", root)
    return word.replace("isation", "ization").removesuffix("e")


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    groups: dict[str, str] = {}
    for line in SYNONYMS.splitlines():
        bases = [_plain(word) for word in line.split() if word not in _APART]
        if not bases:
            continue
        stands = next((groups[base] for base in bases if base in groups), bases[0])
        for base in bases:
            groups.setdefault(base, stands)
    return groups
