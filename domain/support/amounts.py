"""Amounts in a sentence, in digits or in words: ``1,200``, ``½``, ``twenty five``."""

import re
from collections.abc import Sequence

from domain.support.tokens import Token
from domain.support.units import MONEY, NUMBERS, SCALES, TENS, UNSURE_NUMBERS

DIGITS = re.compile(
    rf"([-−]?)([{MONEY}]?)(\d+(?:[.,'’]\d+)*+)(st|nd|rd|th|[a-zµ°%‰²³·{MONEY}][a-z%²³·/]*)?"
)
"""A number with its sign, the currency before it, and what is written behind it."""

SHARES = {"half": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3, "thirds": 1 / 3}
SHARES |= dict.fromkeys(("halbe", "halben", "halber", "demi", "demie", "media", "medio"), 0.5)

_FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,'’]\d{3})+")
_GROUP = re.compile(rf"(\d{{3}})(?:[.,](\d\d?))?([{MONEY}]?)")
_LONGEST = 15
"""The most digits of an amount; those of a card or an account are a name."""

ARTICLES = frozenset("a ein eine einer einem un une una".split())
_AND = frozenset(("and", "et", "y"))
_ONE = frozenset("un une uno una".split())
_TWELVE = 12.0
_HALVES = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}


def amount_at(words: Sequence[Token], at: int) -> tuple[frozenset[float], int]:
    """What the number at ``at`` can mean, and how many tokens it takes; empty if there is none."""
    low = words[at].low
    if low in _HALVES:
        return frozenset((_HALVES[low],)), 1
    if fraction := _FRACTION.fullmatch(low):
        top, bottom = map(float, fraction.groups())
        return frozenset((top / bottom if bottom else top,)), 1
    if low[:-1].isdigit() and low[-1] in _HALVES:
        return frozenset((float(low[:-1]) + _HALVES[low[-1]],)), 1
    if found := DIGITS.fullmatch(low):
        read = _readings(found[3])
        if not read:
            return read, 1
        used = 1
        rest = words[at + 1 : at + 4]
        if not found[4] and len(found[3]) <= 3:
            whole, used = _grouped(found[3], rest)
            read = whole or read
        if found[1]:
            read = frozenset(-one for one in read)
        if used <= len(rest) and rest[used - 1].low in _HALVES:
            read, used = frozenset(one + _HALVES[rest[used - 1].low] for one in read), used + 1
        return _scaled(words, at, read, used)
    if is_unsure_number(words, at):
        return frozenset((UNSURE_NUMBERS[low][0],)), 1
    is_word = low in NUMBERS or low in SHARES or low in SCALES
    if is_word or (low in ARTICLES and scale_at(words, at + 1)):
        return _scaled(words, at, *_in_words(words, at))
    return frozenset(), 1


def is_unsure_number(words: Sequence[Token], at: int) -> bool:
    """Whether a word that English has too is a number, as in ``sept jours`` and ``once días``."""
    low = words[at].low
    return low in UNSURE_NUMBERS and word_at(words, at + 1) in UNSURE_NUMBERS[low][1]


def _grouped(first: str, rest: Sequence[Token]) -> tuple[frozenset[float], int]:
    """``1 250,50``: the groups behind the first, the last of which may have decimals."""
    digits, used = first, 1
    for word in rest:
        found = _GROUP.fullmatch(word.low)
        if not found:
            break
        digits, used = digits + found[1] + (f".{found[2]}" if found[2] else ""), used + 1
        if found[2] or found[3]:
            break
    return (frozenset((float(digits),)) if used > 1 else frozenset()), used


def _scaled(
    words: Sequence[Token], at: int, read: frozenset[float], used: int
) -> tuple[frozenset[float], int]:
    while factor := scale_at(words, at + used):
        read, used = frozenset(one * factor for one in read), used + 1
    return read, used


def scale_at(words: Sequence[Token], at: int) -> float:
    """What the word at ``at`` multiplies a number by; 0 if it does not."""
    if at >= len(words):
        return 0.0
    low = words[at].low
    is_hundred = low in ("cent", "cents") and is_unsure_number(words, at)
    return 100.0 if is_hundred else SCALES.get(low, 0.0)


def _in_words(words: Sequence[Token], at: int) -> tuple[frozenset[float], int]:
    """``twenty five``, ``one hundred and twenty``, ``three quarters``, ``a thousand``."""
    total, part, used = 0.0, 0.0, 0
    last = ""
    while at + used < len(words):
        low = words[at + used].low
        if low in SCALES:
            if last in SCALES and not part:  # "mil millones"
                total *= SCALES[low]
            else:
                part = (part or 1.0) * SCALES[low]
            if SCALES[low] >= 1000:
                total, part = total + part, 0.0
        elif low in SHARES:
            part = (part or 1.0) * SHARES[low]
            return frozenset((total + part,)), used + 1
        elif low in NUMBERS and (not last or last in TENS or last in SCALES or last in _AND):
            part += NUMBERS[low]
        elif low in _ONE and last in _AND:
            part += 1
        elif low in ARTICLES if not used else _goes_on(words, at + used, last):
            pass
        else:
            break
        last = low
        used += 1
    return frozenset((total + part,)), used


def _goes_on(words: Sequence[Token], at: int, last: str) -> bool:
    """Whether the ``and`` is within a number: ``two hundred and five``, ``treinta y dos``."""
    low, behind = words[at].low, word_at(words, at + 1)
    if low == "and":
        return last in SCALES and behind in NUMBERS
    is_ones = behind in _ONE or NUMBERS.get(behind, _TWELVE) < _TWELVE
    return low in _AND and last in TENS and is_ones


def _readings(digits: str) -> frozenset[float]:
    """``1.000`` is a thousand and one; ``1,5`` is one and a half.

    Empty for what is no amount, as a version, an address or an account: ``3.11.4``.
    """
    is_grouped = digits.count(".") <= 1 or _GROUPED.fullmatch(digits.split(",")[0])
    if not is_grouped or sum(map(str.isdigit, digits)) > _LONGEST:
        return frozenset()
    plain = digits.replace("'", "").replace("’", "")
    read = set[float]()
    if _GROUPED.fullmatch(digits):
        read.add(float(re.sub(r"[.,'’]", "", digits)))
    last = max(plain.rfind("."), plain.rfind(","))
    whole, part = (plain[:last], plain[last + 1 :]) if last >= 0 else (plain, "")
    whole = whole.replace(".", "").replace(",", "")
    if plain.count(".") + plain.count(",") <= 1 or ("." in plain and "," in plain):
        read.add(float(f"{whole or 0}.{part or 0}"))
    return frozenset(read or {float(re.sub(r"\D", "", digits))})


def word_at(words: Sequence[Token], at: int) -> str:
    """The word at ``at``; empty if there is none."""
    return words[at].low if 0 <= at < len(words) else ""
